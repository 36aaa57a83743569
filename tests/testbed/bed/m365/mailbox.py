"""A mailbox in memory."""
import dataclasses
import functools
import time

from bed import mail

UIDVALIDITY = 14
FLAGS = (r"\Seen", r"\Answered", r"\Flagged", r"\Deleted", r"\Draft", "$MDNSent")
SIZE = 4_000


@dataclasses.dataclass
class Message:
    uid: int
    body: bytes
    arrived: float
    flags: set


@functools.cache
def _maker():
    return mail.Maker(365)


class Mailbox:
    """INBOX. Sessions that have it open stand in `sessions` and hear of what others change."""

    def __init__(self, address):
        self.address = address
        self.messages, self.sessions = [], set()
        self.next_uid = 1

    def fill(self, count):
        """Adds made-up messages."""
        now = int(time.time())
        for _ in range(count):
            self.add(_maker().ordinary(self.next_uid, now, SIZE).replace(b"\n", b"\r\n"), now)

    def add(self, body, arrived):
        self.messages.append(Message(self.next_uid, body, arrived, set()))
        self.next_uid += 1
        self._tell([f"* {len(self.messages)} EXISTS"])

    def remove(self, uids, by):
        """Expunges. The lines for who did it; others hear of it."""
        lines = []
        for number in range(len(self.messages), 0, -1):
            if self.messages[number - 1].uid in uids:
                del self.messages[number - 1]
                lines.append(f"* {number} EXPUNGE")
        self._tell(lines, but=by)
        return lines

    def _tell(self, lines, but=None):
        for session in list(self.sessions):
            if session is not but:
                session.news(lines)

    def numbers(self, text, by_uid):
        """The (sequence number, message) pairs of an IMAP set."""
        last = len(self.messages)
        highest = self.messages[-1].uid if by_uid and self.messages else last
        wanted = []
        for part in text.split(","):
            ends = [highest if end == "*" else int(end) for end in part.split(":")]
            wanted.append((min(ends), max(ends)))
        return [(number + 1, message) for number, message in enumerate(self.messages)
                if any(low <= (message.uid if by_uid else number + 1) <= high
                       for low, high in wanted)]
