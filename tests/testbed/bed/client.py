"""What can be asked of a running testbed: admin calls, deliveries, the control socket."""
import http.client
import json
import os
import pathlib
import smtplib
import socket
import subprocess
import sys
import urllib.error
import urllib.request

ADMIN_TIMEOUT_S = 30


def load(folder=None):
    """testbed.json of that folder, or of the environment's MAILFLEET_TESTBED."""
    path = pathlib.Path(folder) / "testbed.json" if folder else os.environ.get("MAILFLEET_TESTBED")
    if not path:
        sys.exit("testbed: which one? Give --dir DIR or set MAILFLEET_TESTBED")
    try:
        return json.loads(pathlib.Path(path).read_text())
    except OSError as error:
        sys.exit(f"testbed: no testbed is running there: {error}")


def admin(info, method, path, body=None):
    """One admin call; its JSON answer. A refusal raises RuntimeError with the server's words."""
    request = urllib.request.Request(
        f"{info['admin_url']}/{path}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"})
    # Loopback: no proxy of the environment.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=ADMIN_TIMEOUT_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise RuntimeError(json.load(error)["error"]) from None
    except (OSError, http.client.HTTPException) as error:
        raise RuntimeError(f"the testbed does not answer: {error}") from None


def address(info, user):
    return user if "@" in user else f"{user}@{info['domain']}"


def deliver(info, user, messages):
    """Hands messages (bytes) to Dovecot by LMTP; returns when they are in the mailbox."""
    with smtplib.LMTP("127.0.0.1", info["ports"]["lmtp"]) as session:
        for message in messages:
            session.sendmail("sender@remote.test", [address(info, user)], message)


def save(info, user, folder, message):
    """Puts a message into a folder of the mailbox, which is made if need be."""
    doveadm = ("/usr/bin/doveadm", "-c", f"{info['dir']}/dovecot/dovecot.conf")
    user = address(info, user)
    subprocess.run([*doveadm, "mailbox", "create", "-u", user, folder], capture_output=True, check=False)
    done = subprocess.run([*doveadm, "save", "-u", user, "-m", folder], input=message,
                          capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))


def sent_copies(info, rule):
    """Says what becomes of copies of sent mail (bed/sent_copies.py); without a rule, asks."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ADMIN_TIMEOUT_S)
        connection.connect(f"{info['dir']}/sent/socket")
        with connection.makefile("rw", newline="\r\n") as stream:
            stream.readline()
            stream.write(f"XCOPIES {json.dumps(rule)}\r\n")
            stream.flush()
            return json.loads(stream.readline()[len("250 "):])


def control(info, command, timeout_s=30):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout_s)
        connection.connect(info["control"])
        connection.sendall(command.encode() + b"\n")
        return connection.recv(64).decode().strip()
