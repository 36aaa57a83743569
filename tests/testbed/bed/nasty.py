"""Messages made to catch naive parsers. Each carries `X-Testbed-Nasty: NAME` where it has a header."""

FIRST_TIME = 1_700_000_000
PLAIN = "Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n\n"
ASCII = PLAIN % ("us-ascii", "7bit")


def _encode(text):
    return text.encode("utf-8")


class _Heads:
    """Numbers the headers; `maker.head` writes them."""

    def __init__(self, maker):
        self._maker = maker
        self._number = 900_000

    def __call__(self, name, extra=""):
        self._number += 1
        return self._maker.head(self._number, f"nasty: {name}", FIRST_TIME + self._number,
                                f"X-Testbed-Nasty: {name}\n{extra}")


def _protocol_lookalikes(head):
    """Bodies that look like the protocols that carry them."""
    yield head("dot-lines") + ASCII + ".\n..\n...\n.hidden\nbefore\n.\nafter the dot\n..two\n.\n"
    yield (head("imap-lookalike") + ASCII
           + "* OK fake untagged\n* BYE not really\nA001 OK Completed\nA001 OK FETCH completed\n"
             "+ go ahead\n* 1 FETCH (UID 1 BODY[] {3}\n)\n* 5 EXISTS\n)\nA1 NO [ALERT] x\n"
             "a OK done\n{12}\n{3+}\n")
    yield (head("pop3-smtp-lookalike") + ASCII
           + "+OK 2 messages\n-ERR gone\n250 OK\n354 go\nQUIT\nRSET\nMAIL FROM:<x@y>\n+OK\n.QUIT\n")
    yield (head("from-lines") + ASCII
           + "From the start\n>From quoted\nFrom mbox@host Mon Jan  1 00:00:00 2024\n")


def _lengths(head):
    """Long lines, empty parts, and a size that crosses buffers."""
    references = "".join(f"\n <{n}.{n * 7919}@remote.test>" for n in range(300))
    long_header = "X-Long: " + "a" * 9000 + "\nReferences:" + references + "\n"
    yield head("long-header", long_header) + ASCII + "a header line of 9000 octets\n"
    yield head("long-body-line") + ASCII + "x" * 120_000 + "\nend\n"
    yield head("no-final-newline") + ASCII + "the last line has no newline"
    yield head("empty-body") + ASCII
    yield head("headers-only-no-blank")
    yield "\nbody only, the header is empty\n"
    yield head("literal-boundary") + ASCII + ("y" * 62 + "\n") * 1041


def _charsets(head):
    """Encodings declared, not declared, and in header fields."""
    yield head("8bit-utf8") + PLAIN % ("utf-8", "8bit") + "Zażółć gęślą jaźń — 日本語 — 😀\n" * 20
    for name, charset, transfer, text in (
            ("latin1", "iso-8859-1", "8bit", "Größe, naïve, façade, 50 £\n"),
            ("shift-jis", "shift_jis", "8bit", "日本語メールのテスト。表示ソ能\n"),
            ("iso-2022-jp", "iso-2022-jp", "7bit", "日本語メール\n"),
            ("koi8-r", "koi8-r", "8bit", "Привет, мир\n")):
        yield _encode(head(name) + PLAIN % (charset, transfer)) + text.encode(charset) * 10
    undeclared = "“smart quotes” – €\n".encode("cp1252") * 5
    yield _encode(head("windows-1252-undeclared") + "Content-Type: text/plain\n\n") + undeclared
    raw = _encode(head("raw-8bit-headers", "X-Raw-UTF8: łąka — 山\n"))
    yield (raw.replace(b"Subject: ", b"Subject: caf\xe9 \xff ", 1)
           + _encode(PLAIN % ("utf-8", "8bit") + "raw 8-bit octets in header fields\n"))
    # Dovecot serves NUL as 0x80.
    yield _encode(head("nul-octet") + PLAIN % ("us-ascii", "8bit")) + b"before\0after\n"
    yield _encode(head("bare-cr") + ASCII) + b"one\rtwo\rthree\n\r\rfour\n"


def _structure(head, maker):
    """MIME that is broken, deep, wide, or nested."""
    multipart = "Content-Type: multipart/mixed; boundary="
    yield (head("broken-mime") + multipart + '"never"\n\n--other\nContent-Type: text/plain\n\n'
           "boundary does not match\n--other--\n")
    yield (head("unterminated-mime") + multipart
           + "b1\n\n--b1\nContent-Type: text/plain\n\nno closing boundary\n")
    yield (head("deep-nesting") + "".join(f"{multipart}n{n}\n\n--n{n}\n" for n in range(60))
           + "Content-Type: text/plain\n\ndeep\n"
           + "".join(f"--n{n}--\n" for n in reversed(range(60))))
    yield (head("many-parts") + multipart + "mp\n\n"
           + "".join(f'--mp\nContent-Type: text/plain; name="p{n}.txt"\n\npart {n}\n'
                     for n in range(400)) + "--mp--\n")
    forwarded = (head("message-rfc822") + multipart + "fw\n\n--fw\nContent-Type: text/plain\n\n"
                 "forwarded\n--fw\nContent-Type: message/rfc822\n"
                 "Content-Disposition: attachment\n\n")
    yield _encode(forwarded) + maker.plain(1, FIRST_TIME, 300) + b"--fw--\n"
    yield (head("bad-base64") + PLAIN % ("utf-8", "base64")
           + "SGVsbG8=\n!!!not base64!!!\nV29ybGQ\n")


def _header_fields(head):
    """Fields that are strange, doubled or missing."""
    yield (head("quotes-in-envelope").replace(
        "From: ", 'From: "a \\"quoted\\" \\\\ name (with) {7} ) parens" <q@remote.test>\n'
                  "X-Old-From: ", 1) + ASCII + "ENVELOPE needs escaping\n")
    yield (head("encoded-words").replace(
        "Subject: nasty", "Subject: =?iso-8859-1?Q?Gr=FC=DFe?= =?utf-8?B?4pi6?=\n"
                          " =?gb2312?B?1tDOxA==?= =?bad?X?zz?= nasty", 1) + ASCII + "x\n")
    yield (head("group-address").replace(
        "To: <", "Cc: undisclosed-recipients:;\n"
                 'To: Team: a@remote.test, "b c" <b@remote.test>;, <', 1) + ASCII + "x\n")
    yield "Subject: nasty: no-date-no-from\n\nno From, Date or Message-ID\n"
    yield (head("duplicate-headers", "Subject: second subject\nFrom: <second@remote.test>\n"
                                     "Message-ID: <second@remote.test>\n") + ASCII + "x\n")
    yield (head("bad-date").replace("Date: ", "Date: Thu, 32 Foo 20261 25:61:61 +9999\nX-Date: ")
           + ASCII + "x\n")


def messages(maker):
    """All of them, as bytes with LF line ends, in an order that never changes."""
    head = _Heads(maker)
    groups = (_protocol_lookalikes(head), _lengths(head), _charsets(head),
              _structure(head, maker), _header_fields(head))
    return [text if isinstance(text, bytes) else _encode(text) for group in groups
            for text in group]
