"""Submission (SMTP AUTH): Exchange Online's words. What it takes is kept in a list, goes nowhere."""
import email
import email.utils
import re
import time

from bed.m365 import replies, session
from bed.m365.session import End

HOST = f"{replies.SERVER}.outlook.office365.com"
# In this order: https://github.com/jstedfast/MailKit/issues/1770
LARGEST_MESSAGE = 157_286_400
EXTENSIONS = (f"SIZE {LARGEST_MESSAGE}", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS",
              "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8")
MECHANISMS = "AUTH LOGIN XOAUTH2"
PATH = re.compile(r"(?:FROM|TO):\s*<([^>]*)>\s*(.*)", re.IGNORECASE)
# As Exchange admits them without an administrator's wish.
MOST_RECIPIENTS = 500
BAD_SEQUENCE = "503 5.5.1 Bad sequence of commands"


class Session(session.Session):
    """One connection. A command is a method; its result is the answer."""
    place = "smtp"

    def __init__(self, world, reader, writer, tls):
        super().__init__(world, reader, writer)
        now = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
        self.greeting = f"220 {HOST} Microsoft ESMTP MAIL Service ready at {now}"
        self._tls, self._secure = tls, False
        self._sender, self._recipients, self._chunks = None, [], []

    def _is_last(self, line):
        return line.startswith(b"421")

    async def _command(self):
        name, _, arguments = (await self._line()).partition(" ")
        name = name.lower()
        self._world.count("smtp", name)
        act = getattr(self, "_do_" + name, None)
        if act is None:
            return self._send("500 5.3.3 Unrecognized command")
        # `auth` in a scenario stands for the answer to the credential.
        if name not in ("auth", "bdat") and self._step(name):
            return None
        result = await act(arguments)
        if result:
            self._send(result)
        return None

    # -- before mail

    async def _do_ehlo(self, _arguments):
        # Behind TLS, AUTH stands where STARTTLS stood.
        offered = [MECHANISMS if self._secure and word == "STARTTLS" else word
                   for word in EXTENSIONS]
        lines = [f"{HOST} Hello [127.0.0.1]", *offered]
        self._send(*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}")

    async def _do_helo(self, _arguments):
        return f"250 {HOST} Hello [127.0.0.1]"

    async def _do_starttls(self, _arguments):
        if self._secure:
            return BAD_SEQUENCE
        self._send("220 2.0.0 SMTP server ready")
        await self._writer.drain()
        await self._writer.start_tls(self._tls)
        self._secure = True
        return None

    async def _answer(self, challenge):
        self._send(f"334 {challenge}")
        await self._writer.drain()
        return await self._line()

    async def _do_auth(self, arguments):
        """XOAUTH2 with the response in the line or after it; `*` gives up (RFC 4954 4)."""
        mechanism, _, response = arguments.partition(" ")
        mechanism = mechanism.upper()
        if not self._secure or mechanism not in ("LOGIN", "XOAUTH2"):
            return "504 5.7.4 Unrecognized authentication type"
        if self._user:
            return BAD_SEQUENCE
        if mechanism == "LOGIN":
            for challenge in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6")[1 if response else 0:]:
                await self._answer(challenge)
            return self._reply("basic_auth_off")
        named = self._named(response or await self._answer(""))
        if self._step("auth", user=named and named[0].lower()):
            return None
        if not self._log_in(named):
            return self._reply("authentication_failed")
        self._send("235 2.7.0 Authentication successful")
        self._step("login")
        return None

    # -- a mail

    def _forget(self):
        self._sender, self._recipients, self._chunks = None, [], []

    async def _do_mail(self, arguments):
        if not self._user:
            return self._reply("not_authenticated")
        found = PATH.match(arguments)
        if found is None or self._sender is not None:
            return BAD_SEQUENCE if found else "501 5.5.4 Invalid arguments"
        size = re.search(r"\bSIZE=(\d+)", found[2], re.IGNORECASE)
        if size and int(size[1]) > LARGEST_MESSAGE:
            return "552 5.3.4 Message size exceeds fixed maximum message size"
        self._sender = found[1]
        return "250 2.1.0 Sender OK"

    async def _do_rcpt(self, arguments):
        found = PATH.match(arguments)
        if self._sender is None or found is None:
            return "501 5.5.4 Invalid arguments" if self._sender is not None else BAD_SEQUENCE
        if len(self._recipients) == MOST_RECIPIENTS:
            return self._reply("too_many_recipients")
        self._recipients.append(found[1])
        return "250 2.1.5 Recipient OK"

    async def _do_data(self, _arguments):
        if not self._recipients or self._chunks:
            return BAD_SEQUENCE
        self._send("354 Start mail input; end with <CRLF>.<CRLF>")
        await self._writer.drain()
        while (line := await self._reader.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                raise End
            self._chunks.append(line.removeprefix(b"."))
        return self._take()

    async def _do_bdat(self, arguments):
        """A chunk with its length; the last one ends the mail (RFC 3030 2)."""
        size, _, last = arguments.partition(" ")
        chunk = await self._reader.readexactly(int(size))
        if not self._recipients:
            return BAD_SEQUENCE
        self._chunks.append(chunk)
        return self._take() if last.upper() == "LAST" else f"250 2.0.0 {size} bytes received"

    def _take(self):
        """The answer to a mail's end: `content` in a scenario."""
        mail = {"user": self._user, "sender": self._sender, "recipients": self._recipients,
                "body": b"".join(self._chunks).decode("latin-1")}
        self._forget()
        if self._step("content"):
            return None
        wrong = self._foreign_sender(mail)
        if wrong is not None:
            return replies.line("smtp", "send_as_denied", user=self._user, sender=wrong)
        self._world.sent.append(mail)
        identity = email.message_from_string(mail["body"]).get("Message-ID", "<none>")
        return f"250 2.0.0 OK {identity} [Hostname={HOST}]"

    @staticmethod
    def _foreign_sender(mail):
        """A sender, of the envelope or the head, that is not the mailbox; None: all are it."""
        head = email.message_from_string(mail["body"]).get("From", "")
        named = [mail["sender"], email.utils.parseaddr(head)[1]]
        return next((one for one in named if one and one.lower() != mail["user"]), None)

    async def _do_rset(self, _arguments):
        self._forget()
        return "250 2.0.0 Resetting"

    async def _do_noop(self, _arguments):
        return "250 2.0.0 OK"

    async def _do_quit(self, _arguments):
        self._send("221 2.0.0 Service closing transmission channel")
        raise End


async def serve(world, reader, writer, tls):
    await Session(world, reader, writer, tls).run()
