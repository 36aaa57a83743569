"""The tour that tools/demo gives on a running testbed."""
import concurrent.futures
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import fleet as f  # noqa: E402

BAR = 40


def step(text):
    print(f"\n== {text}", flush=True)


def bar(done, total):
    filled = BAR * done // max(total, 1)
    end = "\n" if done >= total or not sys.stdout.isatty() else ""
    start = "\r" if sys.stdout.isatty() else ""
    print(f"{start}   [{'#' * filled}{'.' * (BAR - filled)}] {done} of {total} messages", end=end,
          flush=True)


class Watch:
    """Follows the event log and counts messages, across restarts of the daemon."""

    def __init__(self, daemon):
        self.daemon, self.after, self.messages = daemon, 0, 0

    def poll(self, wait_s=1):
        page = self.daemon.get(f"events?after={self.after}&limit=1000&wait_s={wait_s}")
        for event in page["events"]:
            self.after = event["number"]
            self.messages += event["kind"] == "mail_arrived"
        return self.messages

    def until(self, count, total, show=True):
        shown = -1
        while self.messages < count:
            self.poll()
            if show and (sys.stdout.isatty() or self.messages - shown > total // 8):
                bar(self.messages, total)
                shown = self.messages


def run_tool(daemon, *arguments):
    """Runs the ops tool as a person would, and shows it."""
    words = [str(word) for word in arguments]
    print("   $ mailfleet " + " ".join(words))
    shown = subprocess.run([daemon.program("mailfleet"), "--socket", daemon.socket, *words],
                           check=True, capture_output=True, text=True).stdout
    for line in shown.splitlines():
        print("     " + line)


def add_provider(daemon):
    known = daemon.bed["clients"][f.CLIENT]
    secret = daemon.folder / "client-secret"
    secret.touch(mode=0o600)
    secret.write_text(known["secrets"][0])
    scopes = [word for scope in daemon.bed["scope"].split() for word in ("--scope", scope)]
    run_tool(daemon, "provider", "add", f.PROVIDER, "--service", "generic",
             "--discovery", daemon.bed["discovery_url"], "--client-id", f.CLIENT,
             "--secret-file", secret, "--ca-file", daemon.bed["ca_file"],
             "--redirect-uri", daemon.redirect_uri(), *scopes,
             *mail_servers(daemon.bed))
    secret.unlink()


def mail_servers(bed):
    """Options that name them."""
    return ("--imap-host", bed["host"], "--imap-port", bed["ports"]["imaps"],
            "--imap-ca-file", bed["ca_file"],
            "--smtp", f"{bed['host']}:{bed['ports']['submissions']}",
            "--smtp-ca-file", bed["ca_file"])


def sign_in_all(daemon, users):
    for user in users:
        daemon.add_mailbox(user)
    with concurrent.futures.ThreadPoolExecutor(4) as people:
        def sign_in(user):
            view = f.Fleet(daemon.build, daemon.folder, daemon.bed)
            view.callback_port = daemon.callback_port
            view.sign_in(user)
        list(people.map(sign_in, users))


def push(daemon, watch, users):
    before = watch.messages
    user = users[0]
    start = time.monotonic()
    subprocess.run([ROOT / "tests/testbed/testbed", "deliver", user, "--count", "3"], check=True,
                   stdout=subprocess.DEVNULL)
    watch.until(before + 3, before + 3, show=False)
    print(f"   3 new messages for {user} were stored {time.monotonic() - start:.1f} s after "
          "their delivery began")


def answer(daemon, watch, users):
    before, start = watch.messages, time.monotonic()
    run_tool(daemon, "send", users[0], "--to", users[-1], "--subject", "Your order",
             "--text", "It is on its way.", "--wait")
    watch.until(before + 1, before + 1, show=False)
    print(f"   it was in the store of {users[-1]} {time.monotonic() - start:.1f} s after the command "
          "began")
    run_tool(daemon, "outbox", "list")


def tell_how_to_look(daemon, bed, folder):
    mailfleet, newcomer = daemon.program("mailfleet"), "newcomer@" + bed["users"][0].split("@")[1]
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(bed["password"])
    servers = " ".join(str(word) for word in mail_servers(bed))
    print(f"\nIt goes on running. To look:\n"
          f"   export MAILFLEET_SOCKET={daemon.socket}\n"
          f"   {mailfleet} mailbox list\n"
          f"   {mailfleet} events follow\n"
          f"To send, and to add a mailbox of your own (every address of the domain is one):\n"
          f"   {mailfleet} send {bed['users'][0]} --to {newcomer} --subject Hello --text Hi --wait\n"
          f"   {mailfleet} mailbox add {newcomer} --from all --password-file {password} {servers}\n"
          f"To end it:\n   kill {daemon.process.pid}; "
          f"tests/testbed/testbed down --dir {bed['dir']}; "
          f"rm -r {folder} {pathlib.Path(bed['dir']).parent}")


def summary(daemon, users, watch, began, faults):
    status = daemon.get("status")
    stored = sum(row["size"] for user in users for row in daemon.messages(user))
    print(f"   {len(users)} mailboxes, {watch.messages} messages, {stored / 1e6:.1f} MB, "
          f"{status['last_event']} events, 1 kill -9")
    print(f"   took {time.monotonic() - began:.0f} s; "
          + ("every body and UID equals what imaplib reads" if not faults
             else f"{len(faults)} faults"))


def main():
    keep, kept = "--keep" in sys.argv[1:], False
    began = time.monotonic()
    bed = f.load_testbed()
    users = bed["users"]
    total = sum(len(f.read_mailbox(bed, user)[1]) for user in users)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mailfleet-demo."))
    daemon = f.Fleet(ROOT / "build" / "release", folder, bed)
    try:
        step("a key, a state folder, a daemon")
        daemon.initialise()
        daemon.start()
        print(f"   mailfleetd runs as process {daemon.process.pid}")
        step("one provider for all mailboxes")
        add_provider(daemon)
        step(f"{len(users)} mailboxes sign in at the provider's pages and are ingested")
        sign_in_all(daemon, users)
        watch = Watch(daemon)
        watch.until(total // 2, total)
        step("kill -9, half-way")
        daemon.kill()
        print(f"   process {daemon.process.pid} is dead after {watch.messages} messages were seen")
        daemon.start()
        print(f"   process {daemon.process.pid} goes on")
        watch.until(total, total)
        for user in users:
            f.wait_until(f"{user} to watch",
                         lambda user=user: daemon.mailbox(user)["state"] == "watching")
        after_kill = daemon.get("status")["messages_fetched"]
        print(f"   {total - after_kill} messages were stored before the kill, {after_kill} after it")
        if after_kill == 0:
            print("   NOTE: the kill came too late to show anything; try --messages 2000")
        step("new mail arrives through IDLE")
        push(daemon, watch, users)
        step("an answer goes out with the mailbox's own token, and arrives")
        answer(daemon, watch, users)
        step("every stored body against an independent client")
        faults = f.compare(daemon, users) + f.check_events(daemon, users)
        for fault in faults:
            print(f"   FAULT: {fault}")
        step("what the person on call sees")
        run_tool(daemon, "status")
        step("summary")
        summary(daemon, users, watch, began, faults)
        if keep:
            tell_how_to_look(daemon, bed, folder)
            kept = not faults
            return 1 if faults else 0
        daemon.stop()
        return 1 if faults else 0
    except KeyboardInterrupt:
        print("\ndemo: interrupted; everything it started is being ended", file=sys.stderr)
        return 130
    finally:
        if not kept:
            if daemon.alive():
                daemon.kill()
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
