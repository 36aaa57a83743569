"""The measuring part of `tools/bench ingest`, on the testbed that MAILFLEET_TESTBED names."""
import argparse
import dataclasses
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import fleet as f  # noqa: E402

# What the first waits for: the whole mailbox on a slow, busy machine.
MOST_SECONDS = 1800
# How often a child's peak is read; the kernel keeps it, only the last reading counts.
PEAK_EVERY_S = 0.01
BUSY_LOAD = 1.5

MBSYNC = """\
IMAPAccount bench
Host {host}
Port {port}
User {user}
PassCmd "cat {password_file}"
SSLType IMAPS
SystemCertificates no
CertificateFile {ca_file}

IMAPStore far
Account bench

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel bench
Far :far:
Near :near:
Sync Pull
Create Near
SyncState *
"""


@dataclasses.dataclass
class Run:
    """One program's way through the mailbox."""
    messages: int
    seconds: float
    cpu_us: float
    peak_kib: int


def peak_kib(pid):
    """The highest resident size so far; 0 once the process has ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines()
                 if line.startswith("VmHWM:")), 0)


def cpu_us(pid):
    """User and system time of a process that runs, all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1e6 / os.sysconf("SC_CLK_TCK")


def run_child(command, folder):
    """Runs a program to its end: what it wrote, seconds, CPU, peak."""
    with open(folder / "out", "w+", encoding="utf-8") as out:
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=out)
        # Not rusage's peak: that counts this program's pages, from before the exec.
        peaks, ended = [0], threading.Event()

        def watch():
            while not ended.wait(PEAK_EVERY_S):
                peaks.append(peak_kib(child.pid))
        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - began
        ended.set()
        watcher.join()
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {child.returncode}")
        out.seek(0)
        return out.read(), seconds, (usage.ru_utime + usage.ru_stime) * 1e6, max(peaks)


class Bench:
    """The mailbox, and each way to read it whole."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.bed = f.load_testbed()
        self.user = self.bed["users"][0]
        self.password_file = folder / "password"
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(self.bed["password"] + "\n")
        # What the mailbox holds; from here on the server's files are in memory, its index is made.
        self.messages, self.bytes, _ = self._drain(self._fresh())

    def run(self, name):
        folder = self._fresh()
        # Nobody pays for what the one before left to be written.
        os.sync()
        run = {"drain": self.drain, "mailfleet": self.mailfleet, "mbsync": self.mbsync}[name](folder)
        shutil.rmtree(folder)
        if run.messages != self.messages:
            raise RuntimeError(f"{name} has {run.messages} of {self.messages} messages")
        return run

    def _fresh(self):
        return pathlib.Path(tempfile.mkdtemp(dir=self.folder))

    def _drain(self, folder):
        out, *cost = run_child(
            [self.build / "tools" / "bench_drain", self.bed["host"], str(self.bed["ports"]["imaps"]),
             self.bed["ca_file"], self.user, self.password_file], folder)
        told = json.loads(out)
        return told["messages"], told["bytes"], Run(told["messages"], *cost)

    def drain(self, folder):
        return self._drain(folder)[2]

    def mbsync(self, folder):
        config = folder / "mbsyncrc"
        config.write_text(MBSYNC.format(
            host=self.bed["host"], port=self.bed["ports"]["imaps"], user=self.user,
            password_file=self.password_file, ca_file=self.bed["ca_file"], folder=folder))
        _, *cost = run_child(["mbsync", "-q", "-c", config, "bench"], folder)
        stored = sum(1 for part in ("new", "cur") for _ in (folder / "INBOX" / part).iterdir())
        return Run(stored, *cost)

    def mailfleet(self, folder):
        daemon = f.Fleet(self.build, folder, self.bed)
        daemon.initialise()
        daemon.start()
        try:
            pid = daemon.process.pid
            last_event = daemon.get("status")["last_event"]
            cpu_before = cpu_us(pid)
            began = time.monotonic()
            daemon.add_custom_mailbox(self.user)
            self._wait_durable(daemon, last_event)
            seconds = time.monotonic() - began
            run = Run(0, seconds, cpu_us(pid) - cpu_before, peak_kib(pid))
            rows = daemon.messages(self.user)
            run.messages = len(rows)
            if sum(row["size"] for row in rows) != self.bytes:
                raise RuntimeError("the stored messages have not as many bytes as the server's")
            return run
        finally:
            daemon.kill()

    def _wait_durable(self, daemon, last_event):
        """One event a message, in the commit that makes it durable: waiting for the last costs
        the daemon no work. A few more events may come between: the count has the last word."""
        end = time.monotonic() + MOST_SECONDS
        while time.monotonic() < end:
            found = daemon.get(f"events?after={last_event + self.messages - 1}&wait_s=5&limit=1")
            view = daemon.mailbox(self.user)
            if view["fetched"] >= self.messages:
                return
            if view["trouble"]:
                raise RuntimeError(f"the mailbox is in trouble: {view['trouble']['what']}")
            if found["events"]:
                time.sleep(0.005)
        raise TimeoutError(f"the mailbox was not taken in within {MOST_SECONDS} s")


# -- the report ----------------------------------------------------------------

def medians(runs):
    return {"messages_s": statistics.median(run.messages / run.seconds for run in runs),
            "seconds": statistics.median(run.seconds for run in runs),
            "cpu_us": statistics.median(run.cpu_us / run.messages for run in runs),
            "peak_mib": statistics.median(run.peak_kib / 1024 for run in runs)}


def table(figures):
    drain = figures["drain"]
    lines = ["| | messages/s | wall s | client CPU us/message | peak MiB | wall / drain | CPU / drain |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, title in (("drain", "raw drain"), ("mailfleet", "Mailfleet"), ("mbsync", "mbsync")):
        one = figures[name]
        lines.append(f"| {title} | {one['messages_s']:.0f} | {one['seconds']:.2f} "
                     f"| {one['cpu_us']:.0f} | {one['peak_mib']:.0f} "
                     f"| {one['seconds'] / drain['seconds']:.2f} "
                     f"| {one['cpu_us'] / drain['cpu_us']:.2f} |")
    return "\n".join(lines)


def machine():
    model = next((line.split(":", 1)[1].strip()
                  for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores ({model}), Linux {platform.release()}"


def summary(figures, bench, rounds, load):
    ours, drain, mbsync = figures["mailfleet"], figures["drain"], figures["mbsync"]
    return {"wall_vs_drain": round(ours["seconds"] / drain["seconds"], 3),
            "cpu_us_per_message": round(ours["cpu_us"], 1),
            "drain_cpu_us_per_message": round(drain["cpu_us"], 1),
            "rate_vs_mbsync": round(ours["messages_s"] / mbsync["messages_s"], 3),
            "messages_s": round(ours["messages_s"]), "peak_mib": round(ours["peak_mib"], 1),
            "drain_messages_s": round(drain["messages_s"]),
            "mbsync_messages_s": round(mbsync["messages_s"]),
            "mbsync_cpu_us_per_message": round(mbsync["cpu_us"], 1),
            "messages": bench.messages, "bytes": bench.bytes, "rounds": rounds,
            "load_at_start": round(load, 2)}


def measure(bench, rounds):
    order = ["drain", "mailfleet", "mbsync"]
    runs = {name: [] for name in order}
    for number in range(rounds):
        for name in order:
            run = bench.run(name)
            runs[name].append(run)
            print(f"bench: round {number + 1} {name}: {run.seconds:.2f} s, "
                  f"{run.cpu_us / run.messages:.0f} us CPU a message, {run.peak_kib / 1024:.0f} MiB",
                  file=sys.stderr)
        # Each comes first once: what a neighbour does to the next is shared.
        order.append(order.pop(0))
    return {name: medians(all_of_one) for name, all_of_one in runs.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("rounds", type=int)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mailfleet-bench.") as folder:
        bench = Bench(chosen.build, pathlib.Path(folder))
        load = os.getloadavg()[0]
        figures = measure(bench, chosen.rounds)
    print(f"{bench.messages} messages, {bench.bytes / 1e6:.1f} MB, one mailbox over TLS, "
          f"median of {chosen.rounds}\n{machine()}\n\n{table(figures)}")
    if load > BUSY_LOAD:
        print(f"\nThe machine was busy when this began (load {load:.1f}): do not quote it.")
    if chosen.json:
        print(json.dumps(summary(figures, bench, chosen.rounds, load)))


if __name__ == "__main__":
    main()
