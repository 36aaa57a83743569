"""A submission server that takes mail, or misbehaves as it is told; it counts what it did.

TLS from the first byte, AUTH PLAIN, PIPELINING. It is a process's own thread with an event loop,
so that it outlives the client that a test kills.
"""
import asyncio
import base64
import collections
import email.parser
import re
import socket
import ssl
import threading
import time
import typing

GREETING, EHLO, AUTH, MAIL, RCPT, DATA, BODY, DOT = (
    "greeting", "ehlo", "auth", "mail", "rcpt", "data", "body", "dot")
PHASES = (GREETING, EHLO, AUTH, MAIL, RCPT, DATA, BODY, DOT)

# What is done in place of a good answer. `lost` takes the mail and says nothing.
FAULTS = ("4xx", "5xx", "cut", "twice", "long", "rubbish", "lost")
# The connection stays open, and nothing is said or read until `wake_up`; then the session goes on.
STALL = "stall"
# The rest of a large mail waits at the client while nothing is read.
RECEIVE_BUFFER = 256 * 1024
GOOD = {GREETING: "220 sink.test ESMTP", MAIL: "250 2.1.0 ok", RCPT: "250 2.1.5 ok",
        DATA: "354 go on", AUTH: "235 2.7.0 welcome"}


class Cut(Exception):
    """The connection is to be closed without a word."""


class Taken(typing.NamedTuple):
    """A mail that the server took, for whom it did."""

    own_id: str
    user: str
    recipients: tuple
    content: bytes
    # In seconds since the epoch.
    at: float


class Sink:
    """Listens at `port`. `taken` has each mail, in order. `refuse` gives for a recipient the
    server's words against it, if there are any."""

    def __init__(self, certificate, key, on_taken=None, refuse=lambda _: None, size=60_000_000):
        self.taken, self.fired = [], collections.Counter()
        self.sessions = self.ended = 0
        self._armed, self._lock = {}, threading.Lock()
        self._on_taken, self.refuse, self._size = on_taken, refuse, size
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()

    def arm(self, phase, fault, times=1, skip=0):
        """The next time that a session comes to this phase, but for `skip`, it meets the fault."""
        with self._lock:
            self._armed[phase] = [fault, times, skip]

    def wake_up(self):
        """Sessions that stall go on."""
        def ring():
            self._awake.set()
            self._awake = asyncio.Event()

        self._loop.call_soon_threadsafe(ring)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def ids(self):
        """How often each mail was taken."""
        return collections.Counter(one.own_id for one in list(self.taken))

    def copies(self):
        """How often each mail was taken for each recipient."""
        return collections.Counter((one.own_id, recipient) for one in list(self.taken)
                                   for recipient in one.recipients)

    # -- inside

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        self._awake = asyncio.Event()
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self.port = listener.getsockname()[1]
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, sock=listener, ssl=self._context, limit=1 << 20))
        ready.set()
        self._loop.run_forever()
        server.close()

    def _fault(self, phase):
        with self._lock:
            armed = self._armed.get(phase)
            if not armed:
                return None
            if armed[2] > 0:
                armed[2] -= 1
                return None
            armed[1] -= 1
            if armed[1] == 0:
                del self._armed[phase]
            self.fired[phase, armed[0]] += 1
            return armed[0]

    async def _serve(self, reader, writer):
        self.sessions += 1
        try:
            await self._session(reader, writer)
        except (Cut, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()
            self.ended += 1

    async def _answer(self, writer, phase, good):
        """Whether the answer says yes, whatever else it says."""
        fault = self._fault(phase)
        lines = {None: good, STALL: good, "4xx": "451 4.3.0 not now", "5xx": "554 5.6.0 never",
                 "twice": f"{good}\r\n{good}", "long": "250-" + "x" * 65536 + f"\r\n{good}",
                 "rubbish": "\x00\xff what?"}
        if fault in ("cut", "lost"):
            raise Cut
        if fault == STALL:
            await self._awake.wait()
        writer.write(lines[fault].encode("latin-1") + b"\r\n")
        await writer.drain()
        return fault in (None, STALL, "twice", "long")

    async def _session(self, reader, writer):
        await self._answer(writer, GREETING, GOOD[GREETING])
        user, mail_from, recipients = None, None, []
        while True:
            line = (await reader.readuntil(b"\n")).rstrip(b"\r\n")
            verb = line.split(b" ")[0].upper()
            if verb == b"EHLO":
                await self._answer(writer, EHLO,
                                   "250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
                                   "250-ENHANCEDSTATUSCODES\r\n250-DSN\r\n"
                                   f"250-SIZE {self._size}\r\n250 AUTH PLAIN")
            elif verb == b"AUTH":
                if await self._answer(writer, AUTH, GOOD[AUTH]):
                    user = base64.b64decode(line.split(b" ")[2]).split(b"\0")[1].decode()
            elif verb == b"MAIL":
                if await self._answer(writer, MAIL, GOOD[MAIL]):
                    mail_from, recipients = line, []
            elif verb == b"RCPT":
                address = re.search(rb"<(.*?)>", line)[1].decode()
                if words := self.refuse(address):
                    writer.write(words.encode() + b"\r\n")
                elif await self._answer(writer, RCPT, GOOD[RCPT]):
                    recipients.append(address)
            elif verb == b"DATA":
                if not mail_from or not recipients:
                    writer.write(b"554 5.5.1 no valid recipients\r\n")
                elif await self._answer(writer, DATA, GOOD[DATA]):
                    await self._take(reader, writer, user, recipients)
                mail_from, recipients = None, []
            elif verb == b"QUIT":
                writer.write(b"221 2.0.0 bye\r\n")
                return
            elif verb == b"RSET":
                mail_from, recipients = None, []
                writer.write(b"250 2.0.0 ok\r\n")
            else:
                writer.write(b"250 2.0.0 ok\r\n")

    async def _take(self, reader, writer, user, recipients):
        if fault := self._fault(BODY):
            await reader.read(100)
            if fault != STALL:
                raise Cut
            await self._awake.wait()
        content = bytearray()
        while (line := await reader.readuntil(b"\n")) != b".\r\n":
            content += line[1:] if line.startswith(b".") else line
        with self._lock:
            armed = self._armed.get(DOT, [None])[0]
        if armed in (None, STALL, "lost", "twice", "long"):
            head = email.parser.BytesHeaderParser().parsebytes(bytes(content))
            mail = Taken(head["X-Mailfleet-Id"], user, tuple(recipients), bytes(content),
                         time.time())
            self.taken.append(mail)
            if self._on_taken:
                self._on_taken(mail)
        await self._answer(writer, DOT, f"250 2.0.0 queued {len(self.taken)}")
