"""The IMAP server: Exchange Online's words, and as much IMAP as a client that reads mail uses."""
import contextlib
import re
import time

from bed.m365 import mailbox, session
from bed.m365.session import End

GREETING = "* OK The Microsoft Exchange IMAP4 service is ready. [TABvAG8AcABiAGEAYwBrAA==]"
BEFORE = ("IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE "
          "NAMESPACE LITERAL+")
AFTER = ("IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT "
         "CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE "
         "NAMESPACE LITERAL+")
LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")
FIRST_WORD = re.compile(r"(\S+) ?(.*)", re.DOTALL)


class Session(session.Session):
    """One connection. A command is a method; its result is what stands after the tag."""
    place, greeting = "imap", GREETING

    def __init__(self, world, reader, writer):
        super().__init__(world, reader, writer)
        self._box = None
        self._connected = self._refused_once = False
        self._waiting, self._idling = [], False
        self._flags = {message_flag.lower(): message_flag for message_flag in mailbox.FLAGS}

    def _leave(self):
        self._leave_box()

    # -- lines

    def _is_last(self, line):
        return line.startswith(b"* BYE")

    def _said(self, line, tag):
        """A line without `*` answers the command by its tag."""
        return line if line.startswith("*") else f"{tag} {line}"

    async def _line(self):
        """A command's line with its literals in it, as text."""
        text = b""
        while True:
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise End
            text += line
            literal = LITERAL.search(text)
            if literal is None:
                return text.rstrip(b"\r\n").decode(errors="replace")
            if not literal[2]:
                self._send("+ Ready for additional command text.")
            text = text[:literal.start()] + await self._reader.readexactly(int(literal[1]))

    def news(self, lines):
        """What others changed: told at once while the client idles, else with the next command."""
        self._waiting += lines
        if self._idling:
            self._tell_news()

    def _tell_news(self):
        lines, self._waiting = self._waiting, []
        with contextlib.suppress(End):
            self._send(*lines)

    # -- commands

    async def _command(self):
        line = await self._line()
        tag, _, rest = line.partition(" ")
        name, arguments = FIRST_WORD.match(rest or "?").groups()
        name = name.lower()
        if name == "uid":
            name, arguments = FIRST_WORD.match(arguments or "?").groups()
            name = "uid_" + name.lower()
        self._world.count("imap", name.replace("_", " "))
        act = getattr(self, "_do_" + name, None)
        if act is None:
            return self._send(f"{tag} BAD Command Error. 12")
        if self._user and not self._connected and name not in ("capability", "logout"):
            return self._not_connected(tag)
        if not self._user and name not in ("capability", "authenticate", "login", "logout", "noop",
                                           "id"):
            return self._send(f"{tag} BAD Command received in Invalid state.")
        # `login` in a scenario is what follows a good AUTHENTICATE.
        if name != "login" and self._step(name.removeprefix("uid_"), tag):
            return None
        result = await act(tag, arguments)
        if name not in ("uid_fetch", "uid_store", "uid_search", "idle"):
            self._tell_news()
        if result:
            self._send(f"{tag} {result}")
        return None

    def _not_connected(self, tag):
        self._send(f"{tag} {self._reply('not_connected')}")
        if self._refused_once:
            self._send(self._reply("closed_unconnected"))
        self._refused_once = True

    async def _do_capability(self, _tag, _arguments):
        self._send("* CAPABILITY " + (AFTER if self._user else BEFORE))
        return "OK CAPABILITY completed."

    async def _do_noop(self, _tag, _arguments):
        return "OK NOOP completed."

    async def _do_id(self, _tag, _arguments):
        self._send('* ID ("name" "Microsoft.Exchange.Imap4.Imap4Server" "version" "15.20")')
        return "OK ID completed"

    async def _do_namespace(self, _tag, _arguments):
        self._send('* NAMESPACE (("" "/")) NIL NIL')
        return "OK NAMESPACE completed."

    async def _do_list(self, _tag, _arguments):
        self._send(r'* LIST (\Marked \HasNoChildren) "/" INBOX')
        return "OK LIST completed."

    async def _do_logout(self, tag, _arguments):
        with contextlib.suppress(End):
            self._send("* BYE Microsoft Exchange Server IMAP4 server signing off.")
        self._send(f"{tag} OK LOGOUT completed.")
        raise End

    async def _do_login(self, _tag, _arguments):
        return "NO LOGIN failed."

    async def _do_authenticate(self, tag, arguments):
        """XOAUTH2 in one line or two. A token of somebody else is let in, and not connected."""
        mechanism, _, response = arguments.partition(" ")
        if mechanism.upper() == "XOAUTH2" and not response:
            self._send("+ ")
            await self._writer.drain()
            response = await self._line()
        named = self._named(response) if mechanism.upper() == "XOAUTH2" else None
        user, bearer = named or ("", "")
        self._token = self._world.access(bearer)
        if self._token is None:
            self._world.count("imap", "login refused")
            return self._reply("authentication_failed")
        self._user = user.lower()
        self._connected = self._world.opens(self._token, user, "imap")
        self._world.count("imap", "login")
        self._later(max(0, self._token.ends - time.monotonic()),
                    lambda: self._send(self._reply("token_expired")))
        self._send(f"{tag} OK AUTHENTICATE completed.")
        self._step("login", tag)
        return None

    def _leave_box(self):
        if self._box:
            self._box.sessions.discard(self)
        self._box, self._waiting = None, []

    async def _do_select(self, _tag, arguments):
        self._leave_box()
        if arguments.strip('"').upper() != "INBOX":
            return f"NO {arguments} doesn't exist."
        self._box = box = self._world.mailbox(self._user)
        box.sessions.add(self)
        flags = " ".join(mailbox.FLAGS)
        self._send(f"* {len(box.messages)} EXISTS", "* 0 RECENT", f"* FLAGS ({flags})",
                   f"* OK [PERMANENTFLAGS ({flags})] Permanent flags",
                   f"* OK [UIDVALIDITY {mailbox.UIDVALIDITY}] UIDVALIDITY value",
                   f"* OK [UIDNEXT {box.next_uid}] The next unique identifier value")
        return "OK [READ-WRITE] SELECT completed."

    async def _do_unselect(self, _tag, _arguments):
        self._leave_box()
        return "OK UNSELECT completed."

    async def _do_idle(self, tag, _arguments):
        self._send("+ IDLE accepted, awaiting DONE command.")
        self._idling = True
        self._tell_news()
        await self._writer.drain()
        line = await self._line()
        self._idling = False
        self._send(f"{tag} OK IDLE completed." if line.upper() == "DONE"
                   else f"{tag} BAD Command Argument Error. 11")

    async def _do_uid_fetch(self, _tag, arguments):
        wanted, _, items = arguments.partition(" ")
        items = items.upper()
        for number, message in self._numbers(wanted):
            self._send(b"* %d FETCH (%s)" % (number, self._fetched(message, items)))
            await self._writer.drain()
        return "OK FETCH completed."

    @staticmethod
    def _fetched(message, items):
        parts = [b"UID %d" % message.uid]
        if "FLAGS" in items:
            parts.append(b"FLAGS (%s)" % " ".join(sorted(message.flags)).encode())
        if "INTERNALDATE" in items:
            date = time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime(message.arrived))
            parts.append(b'INTERNALDATE "%s"' % date.encode())
        if "RFC822.SIZE" in items:
            parts.append(b"RFC822.SIZE %d" % len(message.body))
        if "BODY[]" in items or "BODY.PEEK[]" in items:
            if "BODY[]" in items:
                message.flags.add(r"\Seen")
            parts.append(b"BODY[] {%d}\r\n%s" % (len(message.body), message.body))
        return b" ".join(parts)

    def _numbers(self, text, by_uid=True):
        if self._box is None:
            raise End
        return self._box.numbers(text, by_uid)

    async def _do_uid_search(self, _tag, arguments):
        """ALL, a set, UID SET, SINCE DATE, UNSEEN, together."""
        words = arguments.split()
        found = self._numbers("1:*", False)
        while words:
            word = words.pop(0).upper()
            if word == "SINCE":
                day = time.strptime(words.pop(0).strip('"'), "%d-%b-%Y")
                found = [(n, m) for n, m in found if time.gmtime(m.arrived)[:3] >= day[:3]]
            elif word == "UNSEEN":
                found = [(n, m) for n, m in found if r"\Seen" not in m.flags]
            elif word != "ALL":
                chosen = self._numbers(words.pop(0) if word == "UID" else word, word == "UID")
                found = [pair for pair in found if pair in chosen]
        self._send(" ".join(["* SEARCH", *(str(message.uid) for _, message in found)]))
        return "OK SEARCH completed."

    async def _do_uid_store(self, _tag, arguments):
        wanted, how, flags = arguments.split(" ", 2)
        given = {self._flags.get(flag.lower(), flag) for flag in flags.strip("()").split()}
        for number, message in self._numbers(wanted):
            message.flags = {"+": message.flags | given, "-": message.flags - given}.get(how[0], given)
            if not how.upper().endswith(".SILENT"):
                self._send(f"* {number} FETCH (UID {message.uid} FLAGS ({' '.join(message.flags)}))")
        return "OK STORE completed."

    def _expunge(self, messages):
        self._send(*self._box.remove({message.uid for message in messages}, self))

    async def _do_uid_expunge(self, _tag, arguments):
        self._expunge([m for _, m in self._numbers(arguments) if r"\Deleted" in m.flags])
        return "OK EXPUNGE completed."

    async def _do_uid_move(self, _tag, arguments):
        self._expunge([m for _, m in self._numbers(arguments.partition(" ")[0])])
        return "OK MOVE completed."


async def serve(world, reader, writer):
    await Session(world, reader, writer).run()
