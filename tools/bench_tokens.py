"""The measuring part of `tools/bench tokens`: see docs/benchmarks.md."""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools"
sys.path.insert(0, str(TOOLS))
from bench_ingest import BUSY_LOAD, machine  # noqa: E402

# Mailboxes that 1,000 faults are spread over: each provider's trouble stops ten of them.
FAULT_MAILBOXES = 500
# Time passes between the decision to send and the sending, more of it on a busy machine: a request
# at the edge of a second may be counted in the next.
RATE_SLACK = 1.02
MOST_FAULT_SECONDS = 900
MOST_WAVE_SECONDS = 1800


class Server:
    """One run of the token server."""

    def __init__(self, certificate, *options):
        self.context = ssl.create_default_context(cafile=certificate and certificate[0])
        tls = ("--tls", *certificate) if certificate else ()
        self.process = subprocess.Popen(
            ["node", TOOLS / "bench_tokens_server.mjs", *map(str, options), *tls],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.origin = json.loads(self.process.stdout.readline())["origin"]

    def ask(self, path, data=None):
        with urllib.request.urlopen(self.origin + path, data, context=self.context) as answer:
            return json.load(answer)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class Bench:
    def __init__(self, build, folder, chosen):
        self.program, self.folder, self.chosen = build / "tools" / "bench_tokens", folder, chosen
        self.certificate = None if chosen.plain else self._make_certificate()

    def _make_certificate(self):
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=token server of the bench",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        return str(certificate), str(key)

    @contextlib.contextmanager
    def _server(self, certificate, *options):
        server = Server(certificate, *options)
        try:
            yield server
        finally:
            server.stop()

    def _command(self, mode, server, certificate, folder, mailboxes):
        return [self.program, mode, server.origin, certificate[0] if certificate else "-", folder,
                str(mailboxes), str(self.chosen.rate)]

    def _judge(self, server, folder, told):
        """What program and server say together."""
        told |= server.ask("/stats")
        verdict = server.ask("/verify", (folder / "tokens.json").read_bytes())
        if verdict["examples"]:
            print(f"bench: lost: {verdict['examples']}", file=sys.stderr)
        told["lost"] = verdict["lost"] + told["mailboxes"] - verdict["kept"]
        return told

    def mailfleet(self):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        with self._server(self.certificate, "--life", self.chosen.life) as server:
            command = self._command("wave", server, self.certificate, folder,
                                    self.chosen.mailboxes)
            run = subprocess.run(command, stdout=subprocess.PIPE, check=True,
                                 timeout=MOST_WAVE_SECONDS)
            told = self._judge(server, folder, json.loads(run.stdout))
        shutil.rmtree(folder)
        return told

    def node(self):
        trusted = {"NODE_EXTRA_CA_CERTS": self.certificate[0]} if self.certificate else {}
        with self._server(self.certificate, "--life", self.chosen.life) as server:
            run = subprocess.run(
                ["node", TOOLS / "bench_tokens_client.mjs", server.origin,
                 str(self.chosen.mailboxes)],
                stdout=subprocess.PIPE, check=True, timeout=MOST_WAVE_SECONDS,
                env=os.environ | trusted)
            return json.loads(run.stdout) | server.ask("/stats")

    def faults(self, count):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        # Without TLS: Node cannot reset a connection below it.
        with self._server(None, "--faults", count) as server:
            command = self._command("faults", server, None, folder, FAULT_MAILBOXES)
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
                end = time.monotonic() + MOST_FAULT_SECONDS
                try:
                    while server.ask("/stats")["faults_left"] and time.monotonic() < end:
                        if run.poll() is not None:
                            raise RuntimeError(f"bench_tokens ended with {run.returncode}")
                        time.sleep(0.5)
                except BaseException:
                    # Nobody wants what it would still wait for.
                    run.kill()
                    raise
                out, _ = run.communicate()
            if run.returncode != 0:
                raise RuntimeError(f"bench_tokens ended with {run.returncode}")
            told = self._judge(server, folder, json.loads(out))
        shutil.rmtree(folder)
        return told


# -- the report ----------------------------------------------------------------

def measure(bench, rounds):
    order = ["mailfleet", "node"]
    runs = {name: [] for name in order}
    for number in range(rounds):
        for name in order:
            run = getattr(bench, name)()
            runs[name].append(run)
            print(f"bench: round {number + 1} {name}: {run['cpu_us'] / run['refreshes']:.0f} us CPU "
                  f"a refresh, {run['seconds']:.0f} s, at most {run['most_in_one_second']} in one "
                  f"second, {run['late']} late", file=sys.stderr)
        # Each comes first in turn: what a neighbour does to the next is shared.
        order.reverse()
    return runs


def median(runs, value):
    return statistics.median(value(run) for run in runs)


def table(runs):
    lines = ["| | CPU us/refresh | seconds | most in one second | late |",
             "| --- | ---: | ---: | ---: | ---: |"]
    for name, title in (("mailfleet", "Mailfleet"), ("node", "Node (undici)")):
        of = runs[name]
        lines.append(f"| {title} | {median(of, lambda run: run['cpu_us'] / run['refreshes']):.0f} "
                     f"| {median(of, lambda run: run['seconds']):.0f} "
                     f"| {max(run['most_in_one_second'] for run in of)} "
                     f"| {sum(run['late'] for run in of)} |")
    return "\n".join(lines)


def fault_table(faults):
    fired = faults["faults_fired"]
    return "\n".join(f"  {name} {count}" for name, count in sorted(fired.items()))


def summary(runs, faults, chosen, load):
    ours, theirs = (median(runs[name], lambda run: run["cpu_us"] / run["refreshes"])
                    for name in ("mailfleet", "node"))
    whole = runs["mailfleet"] + ([faults] if faults else [])
    fired = {name: count for name, count in (faults or {}).get("faults_fired", {}).items() if count}
    return {"cpu_us_per_refresh": round(ours, 1), "node_cpu_us_per_refresh": round(theirs, 1),
            "cpu_vs_node": round(ours / theirs, 3), "rate": chosen.rate,
            "most_in_one_second": max(run["most_in_one_second"] for run in runs["mailfleet"]),
            "most_sent_in_one_second": max(run["most_sent"] for run in runs["mailfleet"]),
            # Where faults are played, a token may well end before the server answers again.
            "late": sum(run["late"] for run in runs["mailfleet"]),
            "signed_out": sum(run["signed_out"] for run in whole),
            "not_watching": sum(run["mailboxes"] - run["watching"] for run in whole),
            "lost": sum(run["lost"] for run in whole),
            "undurable": sum(run["undurable"] for run in whole),
            "unknown_tokens": sum(run["unknown_token"] for run in whole),
            "dead_tokens": sum(run["dead_token"] for run in whole),
            "nudged": faults["nudged"] if faults else 0,
            "faults": sum(fired.values()), "fault_kinds": len(fired), "faults_fired": fired,
            "mailboxes": chosen.mailboxes, "rounds": chosen.rounds, "tls": not chosen.plain,
            "load_at_start": round(load, 2)}


def broken_promises(told, chosen):
    broken = [name for name in ("late", "signed_out", "not_watching", "lost", "undurable",
                                "unknown_tokens", "dead_tokens") if told[name]]
    # What the server counts is bunched by its own pauses and the network's.
    if told["most_sent_in_one_second"] > chosen.rate * RATE_SLACK:
        broken.append("most_sent_in_one_second")
    if told["faults"] != chosen.faults:
        broken.append("faults")
    return broken


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    for name in ("mailboxes", "rounds", "faults", "rate", "life"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main():
    chosen = options()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="mailfleet-bench.") as folder:
        bench = Bench(chosen.build, pathlib.Path(folder), chosen)
        faults = bench.faults(chosen.faults) if chosen.faults else None
        runs = measure(bench, chosen.rounds)
    told = summary(runs, faults, chosen, load)
    print(f"{chosen.mailboxes} mailboxes whose tokens end at one moment, at most {chosen.rate} "
          f"requests in a second, {'http' if chosen.plain else 'https'}, "
          f"median of {chosen.rounds}\n{machine()}\n\n{table(runs)}\n")
    print(f"CPU / Node: {told['cpu_vs_node']:.2f}; signed out {told['signed_out']}, "
          f"lost {told['lost']}, used before durable {told['undurable']}, "
          f"sent in one second at most {told['most_sent_in_one_second']}")
    if faults:
        print(f"\n{told['faults']} faults of {told['fault_kinds']} kinds on {FAULT_MAILBOXES} "
              f"mailboxes, {faults['requests']} requests, {faults['log_ins']} log-ins, "
              f"{faults['seconds']:.0f} s, {faults['nudged']} mailboxes nudged:\n{fault_table(faults)}")
    if load > BUSY_LOAD:
        print(f"\nThe machine was busy when this began (load {load:.1f}): do not quote it.")
    broken = broken_promises(told, chosen)
    if broken:
        print(f"\nBroken: {', '.join(f'{name} {told[name]}' for name in broken)}")
    if chosen.json:
        print(json.dumps(told))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
