"""The POP3 server: Exchange Online's words over the mailbox that IMAP shows, too."""
from bed.m365 import session
from bed.m365.session import End

GREETING = "+OK The Microsoft Exchange POP3 service is ready. [TABvAG8AcABiAGEAYwBrAA==]"
# https://github.com/kisli/vmime/issues/267
CAPABILITIES = ("TOP", "UIDL", "SASL PLAIN XOAUTH2", "USER")
NO_SUCH_MESSAGE = "-ERR The specified message is out of range."
# The commands of either state only (RFC 1939 4, 5); the others are for both.
LOGGING_IN = {"auth", "user", "pass"}
FOR_BOTH = {"capa", "quit"}


class Session(session.Session):
    """One connection. A command is a method; its result is the answer."""
    place, greeting = "pop3", GREETING

    def __init__(self, world, reader, writer):
        super().__init__(world, reader, writer)
        self._box, self._messages, self._deleted = None, [], set()

    def _is_last(self, line):
        return line.startswith(b"-ERR") and b"Connection is closed" in line

    async def _command(self):
        name, _, arguments = (await self._line()).partition(" ")
        name = name.lower()
        self._world.count("pop3", name)
        act = getattr(self, "_do_" + name, None)
        is_timely = name in FOR_BOTH or (name in LOGGING_IN) == (self._user is None)
        if act is None or not is_timely:
            return self._send("-ERR Command is not valid in this state.")
        # `auth` in a scenario stands for the answer to the credential.
        if name != "auth" and self._step(name):
            return None
        result = await act(arguments)
        if result:
            self._send(result)
        return None

    def _list(self, lines):
        """The lines of a long answer, stuffed (RFC 1939 3)."""
        for line in lines:
            data = line if isinstance(line, bytes) else line.encode()
            self._writer.write((b"." if data.startswith(b".") else b"") + data + b"\r\n")
        self._writer.write(b".\r\n")

    async def _do_capa(self, _arguments):
        self._send("+OK")
        self._list(CAPABILITIES)

    # -- logging in

    async def _do_auth(self, arguments):
        """XOAUTH2 takes two steps; the credential in the command's line is an error."""
        mechanism, _, response = arguments.partition(" ")
        if response:
            self._send(self._reply("protocol_error"))
        if mechanism.upper() not in ("XOAUTH2", "PLAIN"):
            return "-ERR Unsupported authentication mechanism."
        self._send("+ ")
        await self._writer.drain()
        named = self._named(await self._line())
        if self._step("auth", user=named and named[0].lower()):
            return None
        if mechanism.upper() == "PLAIN" or not self._log_in(named):
            return self._reply("authentication_failed")
        self._box = self._world.mailbox(self._user)
        self._messages = list(self._box.messages)
        self._send("+OK User successfully authenticated.")
        self._step("login")
        return None

    async def _do_user(self, _arguments):
        return "+OK"

    async def _do_pass(self, _arguments):
        """No password is taken any more."""
        self._world.count("pop3", "login refused")
        return self._reply("authentication_failed")

    # -- the mailbox

    def _present(self):
        return [(number, message) for number, message in enumerate(self._messages, 1)
                if number not in self._deleted]

    def _one(self, text):
        """The message of that number; None if there is none, or it is deleted."""
        return next((message for number, message in self._present() if str(number) == text), None)

    async def _do_stat(self, _arguments):
        present = self._present()
        return f"+OK {len(present)} {sum(len(message.body) for _, message in present)}"

    async def _do_list(self, arguments):
        return self._scan(arguments, lambda message: len(message.body))

    async def _do_uidl(self, arguments):
        return self._scan(arguments, lambda message: message.uid)

    def _scan(self, arguments, shown):
        if arguments:
            message = self._one(arguments)
            return f"+OK {arguments} {shown(message)}" if message else NO_SUCH_MESSAGE
        self._send("+OK")
        self._list(f"{number} {shown(message)}" for number, message in self._present())
        return None

    async def _do_retr(self, arguments):
        message = self._one(arguments)
        if message is None:
            return NO_SUCH_MESSAGE
        self._send("+OK")
        self._list(message.body.removesuffix(b"\r\n").split(b"\r\n"))
        return None

    async def _do_top(self, arguments):
        number, _, count = arguments.partition(" ")
        message = self._one(number)
        if message is None:
            return NO_SUCH_MESSAGE
        head, _, body = message.body.removesuffix(b"\r\n").partition(b"\r\n\r\n")
        self._send("+OK")
        self._list([*head.split(b"\r\n"), b"", *body.split(b"\r\n")[:int(count)]])
        return None

    async def _do_dele(self, arguments):
        if self._one(arguments) is None:
            return NO_SUCH_MESSAGE
        self._deleted.add(int(arguments))
        return "+OK"

    async def _do_rset(self, _arguments):
        self._deleted.clear()
        return "+OK"

    async def _do_noop(self, _arguments):
        return "+OK"

    async def _do_quit(self, _arguments):
        """What was deleted goes now, and not when a connection only breaks (RFC 1939 6)."""
        if self._deleted:
            self._box.remove({self._messages[number - 1].uid for number in self._deleted}, self)
        self._send("+OK Microsoft Exchange Server POP3 server signing off.")
        raise End


async def serve(world, reader, writer):
    await Session(world, reader, writer).run()
