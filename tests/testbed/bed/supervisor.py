"""Lets the servers live exactly as long as the one who wants them.

The *keeper* (the command a person sees, or its detached child) starts `unshare --pid`, and below it
the *warden*: process 1 of a namespace that holds every server. The end of the warden, however it
comes, ends them all: the kernel sees to that. The warden ends when the keeper does, which it learns
from a pipe; the keeper ends with its own parent. Whichever of the two lives longer removes the
folder. Where the machine forbids namespaces both are reapers of their descendants instead.
"""
import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback

from bed import maildir, servers

MARK = ".mailfleet-testbed"
# A Unix socket's path may have 108 octets; Dovecot's longest below the folder takes 40.
LONGEST_FOLDER = 64
STOP_TIMEOUT_S = 10
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
UNSHARE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


def _prctl(option, value):
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def end_with_parent(signal_number=signal.SIGTERM):
    _prctl(PR_SET_PDEATHSIG, signal_number)


def become_reaper():
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def kill_descendants():
    """Kills all that came from this process, until nothing is left to reap."""
    while True:
        pending = children(os.getpid())
        if not pending:
            return
        while pending:
            pid = pending.pop()
            pending += children(pid)
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


# -- the folder ----------------------------------------------------------------

def _lock(folder):
    """The open mark, locked; None while another run lives there. Held by descriptor inheritance."""
    descriptor = os.open(folder / MARK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return descriptor
    except BlockingIOError:
        os.close(descriptor)
        return None


def remove_stale(parent, pattern):
    """Removes the folders of runs that were killed together with everybody who would have."""
    for mark in pathlib.Path(parent).glob(f"{pattern}/{MARK}"):
        with contextlib.suppress(OSError):
            descriptor = _lock(mark.parent)
            if descriptor is not None:
                shutil.rmtree(mark.parent, ignore_errors=True)
                os.close(descriptor)


def _check_servers_reach(folder):
    for ancestor in folder.parents:
        if not ancestor.stat().st_mode & 0o001:
            sys.exit(f"testbed: the servers' users cannot enter {ancestor} (chmod o+x, or another "
                     "--dir)")


def claim(folder, for_other_users=True):
    """Makes the folder (a stale one again), and returns the descriptor of its lock."""
    if for_other_users and len(str(folder)) > LONGEST_FOLDER:
        sys.exit(f"testbed: {folder} is too long for Unix sockets: at most {LONGEST_FOLDER} octets")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        sys.exit(f"testbed: {folder} holds something else; name a folder that is new or empty")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if for_other_users:
        _check_servers_reach(folder)
    descriptor = _lock(folder)
    if descriptor is None:
        sys.exit(f"testbed: a testbed is running in {folder}")
    for entry in folder.iterdir():
        if entry.name != MARK:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    folder.chmod(0o755)
    return descriptor


# -- the warden ----------------------------------------------------------------

class Warden:
    """Runs inside the namespace: starts the servers, serves the control socket, ends all."""

    def __init__(self, options, ready):
        self._options = options
        self._folder = pathlib.Path(options["dir"])
        self._ready = ready
        self._alone = os.getpid() == 1
        self._servers = None
        self._expected = set()

    def run(self):
        status = self._guarded_life()
        self._end()
        return status

    def _guarded_life(self):
        try:
            return self._live()
        except Exception as error:  # pylint: disable=broad-except
            traceback.print_exc()
            self._print_logs()
            self._report({"error": f"{error}"})
            return 1

    def _live(self):
        block = servers.PortBlock()
        options = self._options
        info = servers.describe(self._folder, block.ports, options["users"])
        self._servers = servers.Servers(self._folder, info, options["mechanisms"],
                                        options["imap_mode"])
        self._servers.configure()
        self._servers.start()
        plan = maildir.Plan(options["messages"], options["size"], options["seed"],
                            options["nasty"], options["big"])
        if options["users"]:
            maildir.seed(self._folder / "mail", 1, options["users"], plan)
        self._servers.wait()
        wake, control = self._open_sources()
        self._publish(info)
        return self._watch(wake, control)

    def _publish(self, info):
        text = json.dumps(info)
        draft = self._folder / "testbed.json.draft"
        draft.write_text(text + "\n")
        draft.rename(self._folder / "testbed.json")
        self._report(info)

    def _report(self, message):
        with contextlib.suppress(OSError):
            os.write(self._ready, (json.dumps(message) + "\n").encode())
            os.close(self._ready)

    def _print_logs(self):
        if self._servers:
            print(*self._servers.log_tails(), sep="\n", file=sys.stderr)

    def _open_sources(self):
        control = socket.socket(socket.AF_UNIX)
        control.bind(str(self._folder / "control"))
        control.listen()
        wake, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return wake, control

    def _watch(self, wake, control):
        """Until the keeper's pipe closes, a stop is asked for, or a server ends."""
        stdin = sys.stdin.fileno()
        while True:
            ended = self._reap()
            if ended:
                print(f"testbed: {ended} ended by itself", file=sys.stderr)
                self._print_logs()
                return 1
            readable, _, _ = select.select([stdin, wake, control], [], [])
            if wake in readable:
                os.read(wake, 512)
            if stdin in readable and not os.read(stdin, 1):
                return 0
            if control in readable and self._serve(control):
                return 0

    def _reap(self):
        """Collects who ended; the name of a server that should not have."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                for name, process in self._servers.running.items():
                    if process.pid == pid:
                        process.returncode = os.waitstatus_to_exitcode(status)
        return next((name for name, process in self._servers.running.items()
                     if process.returncode is not None and name not in self._expected), None)

    def _serve(self, control):
        """One command on the control socket; true for `stop`."""
        connection, _ = control.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            command = connection.recv(64).decode().strip()
            if command == "restart-imap":
                self._restart_dovecot()
                answer = "ok"
            else:
                answer = "ok" if command == "stop" else "unknown command"
            connection.sendall(answer.encode() + b"\n")
            return command == "stop"
        return False

    def _restart_dovecot(self):
        process = self._servers.running["dovecot"]
        self._expected.add("dovecot")
        process.terminate()
        while process.returncode is None:
            time.sleep(0.01)
            self._reap()
        self._servers.start_dovecot()
        self._expected.discard("dovecot")
        self._servers.wait(("imap", "imaps", "pop3", "pop3s", "lmtp"))

    def _end(self):
        if self._alone:
            with contextlib.suppress(OSError):
                os.kill(-1, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.waitpid(-1, 0)
        else:
            kill_descendants()
        _remove(self._folder, self._options["logs"])


def _remove(folder, logs):
    """The folder goes; its logs are kept where somebody asked for that."""
    if logs and (folder / "log").is_dir():
        shutil.copytree(folder / "log", logs, dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


# -- the keeper ----------------------------------------------------------------

class Keeper:
    """Holds a running testbed; `info` is what testbed.json says."""

    def __init__(self, options):
        self._options = options
        self.folder = pathlib.Path(options["dir"])
        self._lock = claim(self.folder)
        become_reaper()
        life, self._life = os.pipe()
        ready, ready_write = os.pipe()
        self._warden = subprocess.Popen(
            [*_namespace(), sys.executable, servers.HERE / "testbed", "warden",
             json.dumps({**options, "ready": ready_write})],
            stdin=life, stdout=sys.stderr, pass_fds=(self._lock, ready_write),
            start_new_session=True, cwd="/")
        os.close(life)
        os.close(ready_write)
        with os.fdopen(ready) as answer:
            self.info = json.loads(answer.readline() or '{"error": "the warden was killed"}')

    def failed(self):
        return self.info.get("error")

    def wait(self, *others):
        """Until the testbed or one of the other pid descriptors ends; true if the testbed did."""
        mine = os.pidfd_open(self._warden.pid)
        with contextlib.closing(os.fdopen(mine)):
            readable, _, _ = select.select([mine, *others], [], [])
        return mine in readable

    def stop(self):
        """Ends the servers and removes the folder, whatever state they are in."""
        os.close(self._life)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._warden.wait(STOP_TIMEOUT_S)
        self._warden.kill()
        kill_descendants()
        if self._is_ours():
            _remove(self.folder, self._options["logs"])
        return self._warden.wait()

    def _is_ours(self):
        """Whether the folder is there, and not one that a later run has made in its place."""
        try:
            return os.path.samestat(os.stat(self.folder / MARK), os.fstat(self._lock))
        except OSError:
            return self.folder.exists()


def _namespace():
    try:
        subprocess.run([*UNSHARE, "true"], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return UNSHARE
    except (OSError, subprocess.CalledProcessError):
        print("testbed: no pid namespace allowed here: after kill -9 of keeper and warden at once "
              "servers would stay", file=sys.stderr)
        return ()
