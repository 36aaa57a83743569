"""Makes ordinary mail: plain, alternative and with attachments, in many scripts, of many sizes."""
import base64
import quopri
import random
import time

WORDS = ("lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt "
         "ut labore et dolore magna aliqua invoice meeting project budget review schedule tomorrow "
         "report attached regards please find below quarterly figures update server deploy "
         "customer ticket order shipping").split()
SENDERS = ["Sales Desk", "Support Team", "Łukasz Żółć", "Jürgen Groß", "山田 太郎",
           "Ольга Петрова", "José Núñez", "محمد علي"]
FILES = ["report.pdf", "Übersicht 2026.xlsx", "写真.jpg", 'a "quoted" name.bin']
DOMAIN = "example.test"
LINE_CHARACTERS = 68
STOCK_LINES = 4000


def _word(text):
    """RFC 2047, where it is needed."""
    if text.isascii():
        return text
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="


def _date(seconds):
    return time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(seconds))


class Maker:
    """The same seed gives the same mail. Text is cut from a stock made once: that is quick."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self._octets = self._random.randbytes(1 << 20)
        self._lines = [self._line() for _ in range(STOCK_LINES)]
        self._average = sum(map(len, self._lines)) / STOCK_LINES + 1

    def _line(self):
        line = self._random.choice(WORDS)
        while len(line) < LINE_CHARACTERS - 12:
            line += " " + self._random.choice(WORDS)
        return line

    def text(self, size):
        """About `size` characters in lines."""
        count = max(1, round(size / self._average))
        start = self._random.randrange(STOCK_LINES)
        return "\n".join(self._lines[(start + n) % STOCK_LINES] for n in range(count))

    def octets(self, size):
        start = self._random.randrange(len(self._octets))
        return (self._octets[start:] + self._octets * (size // len(self._octets) + 1))[:size]

    def head(self, number, subject, at, extra=""):
        """Header fields as a relay would leave them, up to MIME-Version."""
        token = self._random.getrandbits(60)
        relay, sender = number % 7, number % 50
        signature = base64.b64encode(self.octets(128)).decode()
        return (f"Return-Path: <sender{sender}@remote.test>\n"
                f"Received: from mx{relay}.remote.test (mx{relay}.remote.test "
                f"[192.0.2.{number % 250}])\n"
                f"\tby mail.{DOMAIN} with ESMTPS id {token:015X}\n"
                f"\tfor <user@{DOMAIN}>; {_date(at)}\n"
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=remote.test; s=s1;\n"
                f"\th=from:to:subject:date;\n\tb={signature}\n"
                f"From: {_word(self._random.choice(SENDERS))} <sender{sender}@remote.test>\n"
                f"To: <user@{DOMAIN}>\nSubject: {_word(subject)}\nDate: {_date(at)}\n"
                f"Message-ID: <{number}.{token:x}@remote.test>\n{extra}MIME-Version: 1.0\n")

    def _subject(self):
        return self._random.choice(self._lines)[:40]

    def plain(self, number, at, size):
        return (self.head(number, self._subject(), at)
                + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 7bit\n\n"
                + self.text(size) + "\n").encode()

    def alternative(self, number, at, size):
        boundary = f"=_alt_{number}_{self._random.getrandbits(30):x}"
        text = "Grüße aus München — " + self.text(size // 3)
        html = "<html><body><p>" + text.replace("\n", "<br>\n") + "</p></body></html>"
        part = f"--{boundary}\nContent-Type: text/%s; charset=utf-8\nContent-Transfer-Encoding: %s\n\n"
        return b"".join((
            self.head(number, f"Newsletter: {self._subject()} ☃", at).encode(),
            f'Content-Type: multipart/alternative; boundary="{boundary}"\n\n'.encode(),
            (part % ("plain", "quoted-printable")).encode(), quopri.encodestring(text.encode()),
            ("\n" + part % ("html", "base64")).encode(), base64.encodebytes(html.encode()),
            f"--{boundary}--\n".encode()))

    def mixed(self, number, at, size):
        boundary = f"mix{number}b{self._random.getrandbits(30):x}"
        name = self._random.choice(FILES)
        if name.isascii():
            parameter = 'filename="' + name.replace('"', '\\"') + '"'
        else:
            parameter = "filename*=UTF-8''" + "".join(f"%{octet:02X}" for octet in name.encode())
        text = (self.head(number, f"Attached: {name}", at)
                + f"Content-Type: multipart/mixed; boundary={boundary}\n\nA multi-part message.\n"
                f"--{boundary}\nContent-Type: text/plain; charset=us-ascii\n\nSee attachment.\n"
                + self.text(300)
                + f"\n--{boundary}\nContent-Type: application/octet-stream\n"
                f"Content-Disposition: attachment; {parameter}\n"
                "Content-Transfer-Encoding: base64\n\n")
        attachment = base64.encodebytes(self.octets(max(200, int(size * 0.72))))
        return text.encode() + attachment + f"--{boundary}--\n".encode()

    def ordinary(self, number, at, average):
        """Sizes are log-normal with this mean, 400 octets at least."""
        size = max(400, int(self._random.lognormvariate(0, 0.8) * average * 0.73))
        kind = self._random.choices((self.plain, self.alternative, self.mixed), (5, 3, 2))[0]
        return kind(number, at, size)

    def big(self, number, at, octets):
        """One message of about so many octets: an attachment."""
        return self.mixed(number, at, octets)
