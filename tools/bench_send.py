"""The measuring part of `tools/bench send`, on the testbed that MAILFLEET_TESTBED names."""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools"
sys.path.insert(0, str(TOOLS))
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import fleet as f  # noqa: E402
from bench_ingest import BUSY_LOAD, machine  # noqa: E402

# Postfix takes it and throws it away.
DOMAIN = "discard.test"
# Mails of each mailbox before those that count: every connection is open then.
WARM_UP = 10
MOST_SECONDS = 1800
# What Postfix still has to do when all mail is accepted, on a slow, busy machine.
MOST_EMPTYING_SECONDS = 120
LINE = "The quick brown fox jumps over the lazy dog, and then it does so again."

NAMES = {"mailfleet": "Mailfleet", "nodemailer": "nodemailer", "raw": "raw client"}


class PostfixLog:
    """What Postfix tells of the mails that came since this was made."""

    QUEUES = ("maildrop", "incoming", "active", "deferred")
    ENDED = re.compile(r" to=<(\w+)@" + re.escape(DOMAIN) + r">.* status=sent ")
    SIZE = re.compile(r" from=<[^>]*>, size=(\d+),")

    def __init__(self, bed):
        self.folder = pathlib.Path(bed["dir"])
        self.path = self.folder / "log" / "postfix.log"
        self.begin = self.path.stat().st_size

    def _is_empty(self):
        spool = self.folder / "postfix" / "spool"
        return not any(files for queue in self.QUEUES for _, _, files in os.walk(spool / queue))

    def arrivals(self):
        """How often each mail arrived, and the mean size, when Postfix has no more to do."""
        f.wait_until("Postfix to have no more mail", self._is_empty, MOST_EMPTYING_SECONDS, 0.2)
        # The log is another process's, which may be some lines behind.
        time.sleep(1)
        with open(self.path, encoding="utf-8", errors="replace") as log:
            log.seek(self.begin)
            text = log.read()
        sizes = [int(size) for size in self.SIZE.findall(text)]
        return collections.Counter(self.ENDED.findall(text)), statistics.mean(sizes or [0])


class Bench:
    def __init__(self, build, folder, chosen):
        self.program, self.folder, self.chosen = build / "tools" / "bench_send", folder, chosen
        self.bed = f.load_testbed()
        self.warm_up = WARM_UP * chosen.mailboxes
        domain = self.bed["domain"]
        self.mailboxes = [f"bench{number}@{domain}" for number in range(chosen.mailboxes)]
        lines = -(-chosen.size // (len(LINE) + 1))
        self.text = "".join(f"{LINE}\n" for _ in range(lines))[:chosen.size - 1] + "\n"

    def commands(self, job):
        return {"mailfleet": [self.program, job],
                "nodemailer": ["node", TOOLS / "bench_send_client.mjs", job],
                "raw": [sys.executable, TOOLS / "bench_send_raw.py", job]}

    def _job(self, folder):
        path = folder / "job.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({
            "host": self.bed["host"], "port": self.bed["ports"]["submissions"],
            "ca_file": self.bed["ca_file"], "password": self.bed["password"],
            "folder": str(folder), "mailboxes": self.mailboxes, "domain": DOMAIN,
            "text": self.text, "messages": self.chosen.messages, "warm_up": self.warm_up}))
        return path

    def run(self, name):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        job = self._job(folder)
        log = PostfixLog(self.bed)
        # Nobody pays for what the one before left to be written.
        os.sync()
        run = subprocess.run(self.commands(job)[name], stdout=subprocess.PIPE, check=True,
                             timeout=MOST_SECONDS)
        told = json.loads(run.stdout.splitlines()[-1])
        shutil.rmtree(folder)
        self._judge(name, told, log)
        return told

    def _judge(self, name, told, log):
        """What became of the mails, as the server tells it."""
        arrived, told["bytes"] = log.arrivals()
        wanted = {f"{mark}{number}" for mark, count in (("w", self.warm_up),
                                                        ("m", self.chosen.messages))
                  for number in range(count)}
        told["lost"] = len(wanted - arrived.keys())
        told["doubled"] = sum(count - 1 for count in arrived.values())
        told["unknown"] = len(arrived.keys() - wanted)
        told["unsent"] = len(wanted) - told["sent"]
        wrong = [what for what in ("lost", "doubled", "unknown", "unsent") if told[what]]
        if wrong:
            print(f"bench: {name}: {', '.join(f'{what} {told[what]}' for what in wrong)}",
                  file=sys.stderr)
            # Figures beside those of one that does less would say nothing.
            if name != "mailfleet":
                raise RuntimeError(f"{name} did not send all mails once")


# -- the report ----------------------------------------------------------------

def measure(bench, chosen):
    order = list(NAMES)
    runs = {name: [] for name in order}
    for number in range(chosen.rounds):
        for name in order:
            run = bench.run(name)
            runs[name].append(run)
            print(f"bench: round {number + 1} {name}: {run['seconds']:.2f} s, "
                  f"{run['cpu_us'] / chosen.messages:.0f} us CPU a message, "
                  f"{run['peak_kib'] / 1024:.0f} MiB", file=sys.stderr)
        # Each comes first in turn: what a neighbour does to the next is shared.
        order.append(order.pop(0))
    return runs


def medians(runs, messages):
    return {"messages_s": statistics.median(messages / run["seconds"] for run in runs),
            "seconds": statistics.median(run["seconds"] for run in runs),
            "cpu_us": statistics.median(run["cpu_us"] / messages for run in runs),
            "peak_mib": statistics.median(run["peak_kib"] / 1024 for run in runs),
            "bytes": statistics.median(run["bytes"] for run in runs)}


def table(figures):
    lines = ["| | messages/s | CPU us/message | seconds | peak MiB |",
             "| --- | ---: | ---: | ---: | ---: |"]
    for name, title in NAMES.items():
        one = figures[name]
        lines.append(f"| {title} | {one['messages_s']:.0f} | {one['cpu_us']:.0f} "
                     f"| {one['seconds']:.2f} | {one['peak_mib']:.0f} |")
    return "\n".join(lines)


def summary(runs, figures, chosen, load):
    ours, theirs, raw = (figures[name] for name in NAMES)
    whole = {name: sum(run[name] for run in runs["mailfleet"])
             for name in ("lost", "doubled", "unknown", "unsent", "sent_again", "failed", "in_doubt",
                          "left")}
    return {"cpu_vs_nodemailer": round(ours["cpu_us"] / theirs["cpu_us"], 3),
            "rate_vs_nodemailer": round(ours["messages_s"] / theirs["messages_s"], 3),
            "wall_vs_server_bound": round(ours["seconds"] / raw["seconds"], 3),
            "messages_s": round(ours["messages_s"]),
            "cpu_us_per_message": round(ours["cpu_us"], 1),
            "seconds": round(ours["seconds"], 2), "peak_mib": round(ours["peak_mib"], 1),
            "bytes_per_message": round(ours["bytes"]),
            "nodemailer_messages_s": round(theirs["messages_s"]),
            "nodemailer_cpu_us_per_message": round(theirs["cpu_us"], 1),
            "nodemailer_seconds": round(theirs["seconds"], 2),
            "nodemailer_peak_mib": round(theirs["peak_mib"], 1),
            "nodemailer_bytes_per_message": round(theirs["bytes"]),
            "server_bound_messages_s": round(raw["messages_s"]),
            "server_bound_seconds": round(raw["seconds"], 2), **whole,
            "messages": chosen.messages, "size": chosen.size, "mailboxes": chosen.mailboxes,
            "rounds": chosen.rounds, "load_at_start": round(load, 2)}


def broken_promises(told):
    return [name for name in ("lost", "doubled", "unknown", "unsent", "sent_again", "failed",
                              "in_doubt", "left") if told[name]]


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    for name in ("messages", "size", "mailboxes", "rounds"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main():
    chosen = options()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="mailfleet-bench.") as folder:
        runs = measure(Bench(chosen.build, pathlib.Path(folder), chosen), chosen)
    figures = {name: medians(of_one, chosen.messages) for name, of_one in runs.items()}
    told = summary(runs, figures, chosen, load)
    print(f"{chosen.messages} mails of {chosen.size} bytes of text from {chosen.mailboxes} "
          f"mailboxes, SMTP over TLS, median of {chosen.rounds}\n{machine()}\n\n{table(figures)}\n")
    print(f"CPU / nodemailer: {told['cpu_vs_nodemailer']:.2f}; "
          f"rate / nodemailer: {told['rate_vs_nodemailer']:.2f}; "
          f"time / server bound: {told['wall_vs_server_bound']:.2f}; "
          f"lost {told['lost']}, doubled {told['doubled']}, failed {told['failed']}, "
          f"in doubt {told['in_doubt']}")
    if load > BUSY_LOAD:
        print(f"\nThe machine was busy when this began (load {load:.1f}): do not quote it.")
    broken = broken_promises(told)
    if broken:
        print(f"\nBroken: {', '.join(f'{name} {told[name]}' for name in broken)}")
    if chosen.json:
        print(json.dumps(told))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
