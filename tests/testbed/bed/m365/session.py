"""What the mail servers share: a connection, its lines and timers, and what the scenario says."""
import asyncio
import base64
import binascii
import contextlib
import re

from bed.m365 import replies


class End(Exception):
    """The session is over."""


class Session:
    """One connection; `place` is the server's name in scenarios and counts."""
    place = greeting = ""

    def __init__(self, world, reader, writer):
        self._world, self._reader, self._writer = world, reader, writer
        self._user = self._token = None
        self._timers = []

    async def run(self):
        try:
            if not self._step("connect"):
                self._send(self.greeting)
            while True:
                await self._writer.drain()
                await self._command()
        except (End, OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            self._leave()
            for timer, step in self._timers:
                if not timer.cancelled() and timer.when() > asyncio.get_running_loop().time():
                    timer.cancel()
                    if step:
                        step.give_back()
            with contextlib.suppress(OSError):
                await self._writer.drain()
            self._writer.close()

    async def _command(self):
        """Reads a command and answers it."""
        raise NotImplementedError

    def _leave(self):
        """The end, whatever brought it."""

    # -- lines

    def _is_last(self, line):
        """Whether the server closes after a line."""
        raise NotImplementedError

    def _send(self, *lines):
        for line in lines:
            data = line if isinstance(line, bytes) else line.encode()
            self._writer.write(data + b"\r\n")
            if self._is_last(data):
                raise End

    async def _line(self):
        line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise End
        return line.rstrip(b"\r\n").decode(errors="replace")

    def _reply(self, name):
        return replies.line(self.place, name)

    # -- the scenario

    def _step(self, command, tag="*", user=None):
        """Lets the scenario speak at a command; true if it answered in the command's place."""
        step = self._world.scenario.take(self.place, command, user=user or self._user or "")
        if step is None:
            return False
        if "after_seconds" in step.plan:
            self._later(step.plan["after_seconds"], lambda: self._say(step, tag), step)
            return False
        self._say(step, tag)
        return True

    def _say(self, step, tag):
        """`reply` is a name of the table, `say` one line or several."""
        step.fire()
        if step.plan.get("expire_token") and self._token:
            self._token.ends = 0
        lines = self._reply(step.plan["reply"]) if "reply" in step.plan else step.plan["say"]
        for line in [lines] if isinstance(lines, str) else lines:
            self._send(self._said(line, tag))
        if step.plan.get("close"):
            raise End

    def _said(self, line, _tag):
        """A line of the scenario as it goes out."""
        return line

    def _later(self, seconds, act, step=None):
        def fire():
            try:
                act()
            except End:
                self._writer.close()
        self._timers.append((asyncio.get_running_loop().call_later(seconds, fire), step))

    # -- XOAUTH2

    @staticmethod
    def _named(response):
        """User and bearer of a response; None if it is none."""
        try:
            text = base64.b64decode(response, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        match = re.fullmatch("user=([^\1]*)\1auth=Bearer ([^\1]*)\1\1", text)
        return match.groups() if match else None

    def _log_in(self, named):
        """Whether user and bearer open the mailbox here, and then they have."""
        user, bearer = named or ("", "")
        token = self._world.access(bearer)
        if token is None or not self._world.opens(token, user, self.place):
            self._world.count(self.place, "login refused")
            return False
        self._user, self._token = user.lower(), token
        self._world.count(self.place, "login")
        return True
