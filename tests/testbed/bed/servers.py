"""Dovecot, Postfix and the OpenID provider of one run: configured, started, waited for."""
import grp
import json
import os
import pathlib
import pwd
import random
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time

from bed import certificates, mail, maildir

HERE = pathlib.Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 60
# Below the kernel's range for outgoing connections (32768 and up), so that none is in the way.
PORT_RANGE = (20_000, 32_000)
PORT_BLOCK = 16
PORT_NAMES = ("imap", "imaps", "pop3", "pop3s", "lmtp", "mx", "submission", "submissions", "idp",
              "idps")
# One inotify instance for each IDLE process, counted for each uid; the kernel's default is 128.
INOTIFY_INSTANCES = 8192
INOTIFY_WATCHES = 500_000

IMAP_MODES = {
    "shared": "client_limit = 500\n  process_limit = 16\n  process_min_avail = 2\n"
              "  service_count = 0",
    "classic": "client_limit = 1\n  process_limit = 6000\n  service_count = 1",
    "hibernate": "client_limit = 1\n  process_limit = 6000\n  service_count = 1\n"
                 "  unix_listener imap-master {\n    user = $default_internal_user\n"
                 "    mode = 0600\n  }\n  extra_groups = $default_internal_group",
}
# Every character that form encoding, Basic authentication or a shell could spoil.
RESERVED = "+%&= /:?#;@\"'<>\\"


def missing_packages():
    """What must be installed before a start, as words for a person."""
    wanted = {"/usr/sbin/dovecot": "dovecot-imapd", "/usr/lib/dovecot/pop3": "dovecot-pop3d",
              "/usr/lib/dovecot/lmtp": "dovecot-lmtpd", "/usr/lib/postfix/sbin/master": "postfix"}
    missing = [package for file, package in wanted.items() if not os.path.exists(file)]
    missing += [name for name in ("node", "openssl") if not shutil.which(_program(name))]
    if not (HERE / "idp/node_modules/oidc-provider").is_dir():
        missing.append("the npm packages of tests/testbed/idp")
    return missing


def _program(name):
    """MAILFLEET_TESTBED_NODE names another Node."""
    return os.environ.get("MAILFLEET_TESTBED_NODE", name) if name == "node" else name


class PortBlock:
    """Ports of our own. The lock is an abstract Unix socket: it goes with the process."""

    def __init__(self):
        bases = list(range(PORT_RANGE[0], PORT_RANGE[1], PORT_BLOCK))
        random.SystemRandom().shuffle(bases)
        for base in bases:
            self._lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                self._lock.bind(f"\0mailfleet-testbed-{base}")
                self._probe(base)
            except OSError:
                self._lock.close()
                continue
            self.ports = {name: base + offset for offset, name in enumerate(PORT_NAMES)}
            return
        raise RuntimeError("no free block of ports between %d and %d" % PORT_RANGE)

    @staticmethod
    def _probe(base):
        for port in range(base, base + len(PORT_NAMES)):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("", port))


def _clients():
    """The registered applications; two secrets each, of which the first is accepted."""
    def two(mark=""):
        return [f"{number}-{mark}{secrets.token_hex(20)}" for number in ("first", "second")]
    return {
        "mail-post": {"auth": "client_secret_post", "kind": "user", "secrets": two()},
        "mail-basic": {"auth": "client_secret_basic", "kind": "user", "secrets": two()},
        "mail-reserved": {"auth": "client_secret_basic", "kind": "user", "secrets": two(RESERVED)},
        "mail-reserved-post": {"auth": "client_secret_post", "kind": "user",
                               "secrets": two(RESERVED)},
        "mail-jwt": {"auth": "client_secret_basic", "kind": "user", "secrets": two()},
        "mail-pkjwt": {"auth": "private_key_jwt", "kind": "user", "secrets": []},
        "mail-public": {"auth": "none", "kind": "user", "secrets": []},
        "svc-mailer": {"auth": "client_secret_post", "kind": "service", "secrets": two()},
        "dovecot": {"auth": "client_secret_post", "kind": "resource_server", "secrets": two()},
    }


def describe(folder, ports, users):
    """What testbed.json says."""
    bad = {"expired": certificates.EXPIRED, "wrong_host": certificates.WRONG_HOST,
           "untrusted": certificates.UNTRUSTED, "self_signed": certificates.SELF_SIGNED}
    clients = _clients()
    return {
        "dir": str(folder), "host": "localhost", "domain": mail.DOMAIN, "ports": ports,
        "ca_file": f"{folder}/tls/ca.pem", "issuer": f"https://localhost:{ports['idps']}",
        "discovery_url":
            f"https://localhost:{ports['idps']}/.well-known/openid-configuration",
        "admin_url": f"http://127.0.0.1:{ports['idp']}/admin", "control": f"{folder}/control",
        "scope": "openid email mail offline_access", "clients": clients,
        "client_keys": f"{folder}/idp/client-keys", "password": secrets.token_hex(12),
        "users": [maildir.address(number + 1) for number in range(users)],
        "addresses": {"good": "127.0.0.1", "clear_text": "127.0.0.2", **bad},
    }


def _render(template, target, values):
    text = re.sub(r"@([a-z_0-9]+)@", lambda found: str(values[found[1]]), template.read_text())
    target.write_text(text)


def _has_ipv6_loopback():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def _make_postfix_queue(folder):
    """What `postfix check` would make, without its second of shell."""
    postfix, postdrop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    for name in ("data", "spool", "etc"):
        (folder / name).mkdir(mode=0o755, parents=True)
    os.chown(folder / "data", postfix, -1)
    for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
                 "private", "saved", "trace"):
        (folder / "spool" / name).mkdir(mode=0o700)
        os.chown(folder / "spool" / name, postfix, -1)
    for name, mode in (("maildrop", 0o730), ("public", 0o710)):
        (folder / "spool" / name).mkdir()
        os.chown(folder / "spool" / name, postfix, postdrop)
        (folder / "spool" / name).chmod(mode)
    (folder / "spool" / "pid").mkdir(mode=0o755)


def _raise_inotify(name, wanted):
    path = pathlib.Path("/proc/sys/fs/inotify") / name
    if int(path.read_text()) >= wanted:
        return
    try:
        path.write_text(str(wanted))
        print(f"testbed: raised fs.inotify.{name} to {wanted}, machine-wide", file=sys.stderr)
    except OSError:
        print(f"testbed: fs.inotify.{name} is below {wanted}: many idle connections will see new "
              "mail late", file=sys.stderr)


class Servers:
    """The three servers of one run. `start` is called once; the caller reaps the processes."""

    def __init__(self, folder, info, mechanisms, imap_mode):
        self._folder = pathlib.Path(folder)
        self._info = info
        self._mechanisms, self._imap_mode = mechanisms, imap_mode
        self.running = {}

    def configure(self):
        folder = self._folder
        for name in ("log", "mail", "idp", "sent", "dovecot", "dovecot/run", "dovecot/state"):
            (folder / name).mkdir(mode=0o755)
        os.chown(folder / "mail", maildir.OWNER, maildir.OWNER)
        _make_postfix_queue(folder / "postfix")
        certificates.make(folder / "tls")
        self._info["self_signed_sha256"] = certificates.fingerprint(folder / "tls/selfsigned.pem")
        values = {
            **self._info["ports"], "dir": folder, "domain": mail.DOMAIN,
            "domain_pattern": re.escape(mail.DOMAIN), "password": self._info["password"],
            "no_password": secrets.token_hex(20), "owner": maildir.OWNER,
            "introspection_secret": self._info["clients"]["dovecot"]["secrets"][0],
            "mechanisms": self._mechanisms, "imap_service": "  " + IMAP_MODES[self._imap_mode],
            "hibernate": "5s" if self._imap_mode == "hibernate" else "0",
            "listen6": ", ::1" if _has_ipv6_loopback() else "",
        }
        for kind, target in (("dovecot", "dovecot"), ("postfix", "postfix/etc")):
            for template in (HERE / kind).glob("*.in"):
                _render(template, folder / target / template.name.removesuffix(".in"), values)
        config = {name: self._info[name] for name in ("ports", "domain", "password", "clients",
                                                      "client_keys")}
        config["tls"] = {"key": f"{folder}/tls/server.key", "cert": f"{folder}/tls/server.pem"}
        config["jwt_keys"] = f"{folder}/dovecot/keys"
        (folder / "idp/config.json").write_text(json.dumps(config))
        _raise_inotify("max_user_instances", INOTIFY_INSTANCES)
        _raise_inotify("max_user_watches", INOTIFY_WATCHES)

    def _spawn(self, name, command, **options):
        with open(self._folder / "log" / f"{name}.out", "ab") as log:
            self.running[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **options)

    def start(self):
        self._spawn("idp", [_program("node"), HERE / "idp/server.mjs",
                            self._folder / "idp/config.json"])
        self.start_dovecot()
        self._spawn("sent", [sys.executable, HERE / "bed/sent_copies.py",
                             self._folder / "sent/socket", self._folder / "dovecot/dovecot.conf"])
        self._spawn("postfix", ["/usr/lib/postfix/sbin/master", "-d", "-c",
                                self._folder / "postfix/etc"])

    def start_dovecot(self):
        self._spawn("dovecot", ["/usr/sbin/dovecot", "-F", "-c",
                                self._folder / "dovecot/dovecot.conf"])

    def wait(self, names=PORT_NAMES):
        """Until every port answers; raises with the name of the one that does not."""
        deadline = time.monotonic() + START_TIMEOUT_S
        for name in names:
            self._until(deadline, name, lambda: self._answers(self._info["ports"][name]))
        self._until(deadline, "sent", (self._folder / "sent/socket").is_socket)

    def _until(self, deadline, name, is_up):
        while not is_up():
            ended = [n for n, process in self.running.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"{ended[0]} ended" if ended else f"no answer at {name}")
            time.sleep(0.02)

    @staticmethod
    def _answers(port):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return True
        except OSError:
            return False

    def log_tails(self):
        """The last lines of every log, for the person whose start failed."""
        for log in sorted((self._folder / "log").glob("*")):
            for line in log.read_text(errors="replace").splitlines()[-8:]:
                yield f"  {log.name}: {line[:300]}"
