"""The least that a client of the submission server does: no mail is built, none is kept, commands
are pipelined (RFC 2920). What its time is above nothing is the server's. See docs/benchmarks.md.

    bench_send_raw.py JOB
"""
import base64
import email.utils
import json
import pathlib
import re
import resource
import socket
import ssl
import sys
import threading
import time

# As Mailfleet has for each mailbox.
CONNECTIONS = 3


class Session:
    """One connection that is logged in."""

    def __init__(self, job, user):
        context = ssl.create_default_context(cafile=job["ca_file"])
        plain = socket.create_connection((job["host"], job["port"]))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = context.wrap_socket(plain, server_hostname=job["host"])
        self.user, self.domain = user, job["domain"]
        self.read = self.tls.makefile("rb")
        self.content = (f"From: {user}\r\nDate: {email.utils.formatdate()}\r\n"
                        f"Message-ID: {email.utils.make_msgid()}\r\nMIME-Version: 1.0\r\n"
                        "Subject: Mail of the bench\r\nContent-Type: text/plain\r\n\r\n"
                        + job["text"].replace("\n", "\r\n") + "\r\n.\r\n").encode()
        self._expect("220")
        self.tls.sendall(b"EHLO bench\r\n")
        self._expect("250")
        credential = base64.b64encode(f"\0{user}\0{job['password']}".encode()).decode()
        self.tls.sendall(f"AUTH PLAIN {credential}\r\n".encode())
        self._expect("235")

    def _expect(self, code):
        while True:
            line = self.read.readline().decode()
            if not line.startswith(code):
                raise RuntimeError(f"the server said {line!r}")
            if line[3] == " ":
                return

    def send(self, to):
        self.tls.sendall(f"MAIL FROM:<{self.user}>\r\nRCPT TO:<{to}@{self.domain}>\r\n"
                         "DATA\r\n".encode())
        for code in ("250", "250", "354"):
            self._expect(code)
        self.tls.sendall(self.content)
        self._expect("250")


def send_all(sessions, mark, count):
    faults = []

    def work(session, numbers):
        try:
            for number in numbers:
                session.send(f"{mark}{number}")
        except (OSError, RuntimeError) as fault:
            faults.append(fault)
    workers = [threading.Thread(target=work, args=(session, range(place, count, len(sessions))))
               for place, session in enumerate(sessions)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if faults:
        raise faults[0]


def main():
    job = json.loads(pathlib.Path(sys.argv[1]).read_text())
    sessions = [Session(job, user) for user in job["mailboxes"] for _ in range(CONNECTIONS)]
    send_all(sessions, "w", job["warm_up"])
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    send_all(sessions, "m", job["messages"])
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    peak = re.search(r"^VmHWM:\s+(\d+)", pathlib.Path("/proc/self/status").read_text(), re.M)
    print(json.dumps({"cpu_us": spent * 1e6, "seconds": seconds, "peak_kib": int(peak[1]),
                      "sent": job["messages"] + job["warm_up"]}))


if __name__ == "__main__":
    main()
