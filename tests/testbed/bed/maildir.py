"""Fills maildirs directly: quicker than delivery by a factor of a hundred."""
import concurrent.futures
import os
import pathlib
import random
import time

from bed import mail, nasty

# No passwd entry is needed; the servers drop to this.
OWNER = 5000
# Beyond this many messages all mailboxes share the same files by hard links.
LINK_ABOVE = 20_000
WORKERS = 2

# INTERNALDATE is the file's time. Besides a steady row: the far past, the epoch's first day, the
# last second of a leap day, both sides of a change of summer time, the 32-bit end, the future.
ODD_TIMES = (315_532_800, 86_399, 1_709_251_199, 1_711_846_799, 1_711_846_801, 2_147_483_647,
             4_102_444_800)


def address(number):
    return f"user{number:04d}@{mail.DOMAIN}"


def _arrival(number):
    """When message `number` of a mailbox arrived; every 23rd at an odd time."""
    if number % 23 == 11:
        return ODD_TIMES[number // 23 % len(ODD_TIMES)]
    return nasty.FIRST_TIME + number * 613


def _make_folder(path):
    path.mkdir(mode=0o700, exist_ok=True)
    os.chown(path, OWNER, OWNER)


def _mailbox(root, user):
    """The folders of a mailbox, ready to write into."""
    home = root / user
    box = home / "Maildir"
    for folder in (home, box, box / "cur", box / "new", box / "tmp"):
        _make_folder(folder)
    return box


def _name(number, run, size, virtual_size, flags):
    """`number` orders the mailbox; S and W save Dovecot from reading each file."""
    return f"{number:010d}.M{run}.testbed,S={size},W={virtual_size}" + (f":2,{flags}" if flags else "")


def _write(path, content, at):
    with open(path, "xb") as file:
        file.write(content)
    os.chown(path, OWNER, OWNER)
    os.utime(path, (at, at))


class Plan:
    """What every mailbox is to hold."""

    def __init__(self, messages, size=16_000, seed=1, with_nasty=False, big_mb=0):
        self.messages, self.size, self.seed = messages, size, seed
        self.with_nasty, self.big_mb = with_nasty, big_mb

    def contents(self, mailbox):
        """Yields the messages of a mailbox; two mailboxes share none but the nasty ones."""
        maker = mail.Maker(self.seed * 1_000_003 + mailbox)
        fixed = nasty.messages(maker) if self.with_nasty else []
        for number in range(self.messages):
            if self.big_mb and number == self.messages - 1:
                yield maker.big(number, _arrival(number), self.big_mb * 1_000_000)
            elif number < len(fixed):
                yield fixed[number]
            else:
                yield maker.ordinary(mailbox * 100_000 + number, _arrival(number), self.size)


def _flags(chooser):
    return chooser.choice(("S", "S", "RS", "FS")) if chooser.random() < 0.7 else ""


def _fill(root, numbers, plan):
    run = time.time_ns()
    for mailbox in numbers:
        box = _mailbox(root, address(mailbox))
        chooser = random.Random(plan.seed * 31 + mailbox)
        for number, content in enumerate(plan.contents(mailbox)):
            flags = _flags(chooser)
            name = _name(number, run, len(content), len(content) + content.count(b"\n"), flags)
            _write(box / ("cur" if flags else "new") / name, content, _arrival(number))


def _link(root, numbers, plan, pool):
    run = time.time_ns()
    for mailbox in numbers:
        box = _mailbox(root, address(mailbox))
        chooser = random.Random(plan.seed * 31 + mailbox)
        for number, (source, size, virtual_size) in enumerate(pool):
            flags = _flags(chooser)
            name = _name(number, run, size, virtual_size, flags)
            os.link(source, box / ("cur" if flags else "new") / name)


def _make_pool(root, plan):
    folder = root / ".pool"
    _make_folder(folder)
    pool = []
    for number, content in enumerate(plan.contents(0)):
        path = folder / f"{time.time_ns()}-{number}"
        _write(path, content, _arrival(number))
        pool.append((path, len(content), len(content) + content.count(b"\n")))
    return pool


def seed(root, first, users, plan):
    """Adds the plan's messages to mailboxes `first` to `first + users - 1`."""
    root = pathlib.Path(root)
    work, extra = _fill, ()
    if users * plan.messages > LINK_ABOVE:
        work, extra = _link, (_make_pool(root, plan),)
    every = max(1, min(50, users // (2 * WORKERS)))
    parts = [range(n, min(n + every, first + users)) for n in range(first, first + users, every)]
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as workers:
        for done in [workers.submit(work, root, part, plan, *extra) for part in parts]:
            done.result()
