"""Runs mailfleetd on a testbed and talks to it as a person and as a program would."""
import contextlib
import http.client
import imaplib
import json
import os
import pty
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "testbed"))
from bed import browser as bed_browser, client as bed_client  # noqa: E402

load_testbed = bed_client.load

CLIENT = "mail-post"
PROVIDER = "office"
# Files come ahead of their mail in parts of this size.
PART_BYTES = 256 * 1024


class Refused(Exception):
    """The API's error: its code and words."""

    def __init__(self, status, error):
        super().__init__(f"{error['code']}: {error['detail']}")
        self.status, self.code = status, error["code"]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def wait_until(what, condition, timeout_s=60, pause_s=0.05):
    """Waits until `condition()` is true, and gives what it gave."""
    end = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout_s} s in vain for {what}")
        time.sleep(pause_s)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_mailbox(bed, user):
    """UIDVALIDITY and {UID: bytes} of INBOX, as an independent client reads them."""
    def read(client):
        client.select("INBOX", readonly=True)
        validity = int(client.response("UIDVALIDITY")[1][0])
        bodies = {}
        _, answers = client.uid("FETCH", "1:*", "(UID BODY.PEEK[])")
        for answer in answers:
            if isinstance(answer, tuple):
                bodies[int(re.search(rb"UID (\d+)", answer[0])[1])] = answer[1]
        return validity, bodies

    return in_mailbox(bed, user, read)


def in_mailbox(bed, user, act):
    """What `act` gives for a client that is logged in."""
    context = ssl.create_default_context(cafile=bed["ca_file"])
    with imaplib.IMAP4_SSL(bed["host"], bed["ports"]["imaps"], ssl_context=context) as client:
        client.login(user, bed["password"])
        return act(client)


def append_mail(bed, user, dates):
    """Appends one small mail for each INTERNALDATE."""
    def append(client):
        for number, date in enumerate(dates):
            client.append("INBOX", None, date, f"Subject: {number}\r\n\r\nbody\r\n".encode())

    in_mailbox(bed, user, append)


def keep_sent(bed, user, content):
    """Puts a mail into the user's folder of sent mail, as servers do with what they take."""
    def append(client):
        client.create("Sent")
        client.append("Sent", None, None, content)

    in_mailbox(bed, user, append)


class Fleet:
    """One state folder and the daemon on it, which may be killed and started again."""

    def __init__(self, build, folder, bed, environment=None):
        self.build, self.folder, self.bed = pathlib.Path(build), pathlib.Path(folder), bed
        self.state, self.key = self.folder / "state", self.folder / "key"
        self.socket = self.folder / "control.sock"
        self.log = self.folder / "mailfleetd.log"
        self.fired = self.folder / "fired"
        self.callback_port = free_port()
        self.process = None
        self._environment = environment or {}
        self._connection = None

    # -- the daemon

    def program(self, name):
        return str(self.build / "tools" / name)

    def initialise(self):
        subprocess.run([self.program("mailfleetd"), "init", "--state", self.state,
                        "--key-file", self.key], check=True, stdout=subprocess.DEVNULL)

    def start(self, fail_point=None, extra=()):
        environment = dict(os.environ) | self._environment
        environment.pop("MAILFLEET_FAIL_POINT", None)
        if fail_point:
            environment |= {"MAILFLEET_FAIL_POINT": fail_point,
                            "MAILFLEET_FAIL_REPORT": str(self.fired)}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program("mailfleetd"), "run", "--state", self.state, "--key-file", self.key,
                 "--socket", self.socket, "--callback-listen", f"127.0.0.1:{self.callback_port}",
                 "--public-url", f"http://localhost:{self.callback_port}",
                 "--log-format", "json", *extra], stderr=log, env=environment)
        if not fail_point:
            self.wait_ready()
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def peak_bytes(self):
        """The most memory that the daemon has held so far."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def wait_ready(self):
        def answers():
            if not self.alive():
                raise RuntimeError(f"mailfleetd ended early: {self.log.read_text()[-2000:]}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.get("status")
        return wait_until("the daemon", answers)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.wait_end()

    def wait_end(self, timeout_s=60):
        code = self.process.wait(timeout_s)
        self._drop_connection()
        return code

    def stop(self):
        """Stops in good order; its exit code."""
        if not self.alive():
            return None
        self.process.send_signal(signal.SIGTERM)
        return self.wait_end()

    # -- the ops tool

    def ops_tool(self, *arguments, given=None):
        """Runs `mailfleet` with `given` on its standard input; the finished process."""
        return subprocess.run([self.program("mailfleet"), "--socket", self.socket, *arguments],
                              input=given, capture_output=True, text=True, timeout=60)

    def ops_tool_on_terminal(self, arguments, typed):
        """Runs `mailfleet` on a terminal of its own, types; its exit code and the screen."""
        child, terminal = pty.fork()
        if child == 0:
            os.execv(self.program("mailfleet"),
                     ["mailfleet", "--socket", str(self.socket), *arguments])
        os.write(terminal, typed.encode())
        screen = b""
        with contextlib.suppress(OSError):  # a terminal whose last user left reads as EIO
            while piece := os.read(terminal, 4096):
                screen += piece
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), screen.decode()

    # -- the API

    def _drop_connection(self):
        if self._connection:
            self._connection.close()
        self._connection = None

    def request(self, method, path, body=None):
        """The answer's bytes; a refusal raises Refused. A body of bytes goes as it is."""
        if self._connection is None:
            self._connection = _UnixConnection(self.socket, timeout=120)
        if not isinstance(body, (bytes, type(None))):
            body = json.dumps(body)
        try:
            self._connection.request(method, f"/api/v1/{path}", body=body)
            answer = self._connection.getresponse()
            content = answer.read()
        except BaseException:
            self._drop_connection()
            raise
        if answer.status >= 300:
            raise Refused(answer.status, json.loads(content)["error"])
        return content

    def get(self, path):
        return json.loads(self.request("GET", path))

    def post(self, path, body=None):
        return json.loads(self.request("POST", path, body))

    def put(self, path, body):
        return json.loads(self.request("PUT", path, body))

    # -- set-up

    def redirect_uri(self):
        return (f"http://localhost:{self.callback_port}"
                "/api/cloudProviders/oauth2/generic/callback")

    def add_provider(self, name=PROVIDER, client=CLIENT, **more):
        known = self.bed["clients"][client]
        return self.post("providers", {
            "name": name, "service": "generic", "client_id": client,
            "auth": "post" if known["auth"].endswith("post") else "basic",
            "secrets": [{"value": value} for value in known["secrets"][:1]],
            "discovery_url": self.bed["discovery_url"], "ca_file": self.bed["ca_file"],
            "redirect_uri": self.redirect_uri(), "scopes": self.bed["scope"].split(),
            "imap": self.imap(), **more})

    def imap(self):
        return {"host": self.bed["host"], "port": self.bed["ports"]["imaps"], "tls": "implicit",
                "ca_file": self.bed["ca_file"]}

    def add_mailbox(self, address, provider=PROVIDER, start="all", **more):
        return self.post("mailboxes", {"address": address, "provider": provider, "from": start,
                                       **more})

    def add_custom_mailbox(self, address, start="all", **more):
        return self.post("mailboxes", {"address": address, "password": self.bed["password"],
                                       "from": start, "imap": self.imap(), **more})

    def sign_in_as(self, address, account):
        """Signs the mailbox in with that account; status and address where the browser ends."""
        begun = self.post(f"mailboxes/{urllib.parse.quote(address)}/sign-in")
        person = bed_browser.Browser(self.bed["ca_file"])
        back = person.sign_in(begun["start_url"], self.bed["issuer"], account,
                              self.bed["password"], follow_back=False)[0]
        return person.fetch(back)[:2]

    def sign_in(self, address):
        """A person signs the mailbox in at the provider's pages."""
        status, target = self.sign_in_as(address, address)
        if status != 303 or not target.endswith("/sign-in/done"):
            raise RuntimeError(f"the sign-in of {address} ended at {status} {target}")

    # -- what is stored

    def mailbox(self, address):
        return self.get(f"mailboxes/{urllib.parse.quote(address)}")

    def submit(self, user, to, wishes=None, **mail):
        """Hands a mail in; it as it was accepted."""
        return self.post(f"mailboxes/{urllib.parse.quote(user)}/outbox", {
            **(wishes or {}),
            "mail": {"from": user, "to": [to] if isinstance(to, str) else to,
                     "subject": "a reply", "text": "words\n.\n..dots\n", **mail}})

    def messages(self, address):
        """All index rows of a mailbox."""
        rows, after = [], ""
        while True:
            page = self.get(f"mailboxes/{urllib.parse.quote(address)}/messages?limit=1000{after}")
            rows += page["messages"]
            if not page["more"]:
                return rows
            after = f"&after={rows[-1]['key']}"

    def body(self, key):
        return self.request("GET", f"messages/{key}/body")

    def events(self):
        """All events, in order."""
        found, after = [], 0
        while True:
            page = self.get(f"events?after={after}&limit=1000")
            found += page["events"]
            if not page["events"]:
                return found
            after = found[-1]["number"]

    def fetched(self):
        """Index rows are the truth across restarts: counted by their events."""
        return sum(1 for event in self.events() if event["kind"] == "mail_arrived")


def compare(fleet, users):
    """What differs between the store and an independent client, as sentences; none if nothing."""
    faults = []
    for user in users:
        validity, served = read_mailbox(fleet.bed, user)
        rows = {row["number"]: row for row in fleet.messages(user)}
        if set(rows) != set(served):
            faults.append(f"{user}: missing {sorted(set(served) - set(rows))[:9]}, "
                          f"not on the server {sorted(set(rows) - set(served))[:9]}")
        for number in sorted(set(rows) & set(served)):
            row = rows[number]
            if row["validity"] != validity:
                faults.append(f"{user}: message {number} has another UIDVALIDITY")
            elif fleet.body(row["key"]) != served[number]:
                faults.append(f"{user}: the bytes of message {number} differ")
    return faults


def check_events(fleet, users):
    """Faults of the event log: gaps, repeats, a message told of twice or never."""
    events = fleet.events()
    faults = []
    numbers = [event["number"] for event in events]
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append("event numbers have a gap or repeat")
    told = [event["message"] for event in events if event["kind"] == "mail_arrived"]
    stored = [row["key"] for user in users for row in fleet.messages(user)]
    if len(told) != len(set(told)):
        faults.append(f"{len(told) - len(set(told))} messages were told of twice")
    if set(told) != set(stored):
        faults.append(f"{len(set(stored) ^ set(told))} messages differ between events and index")
    return faults
