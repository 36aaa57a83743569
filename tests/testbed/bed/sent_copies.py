"""Puts a copy of what Postfix takes from a user into that user's folder Sent, as large providers do.

An LMTP server on a Unix socket; Postfix gives it every submitted mail (sender_bcc_maps), addressed
to the sender in a domain below the real one. What becomes of the copies is told it on the same
socket, by the command XCOPIES (`testbed sent`); until then none are kept.
"""
import asyncio
import json
import os
import sys

DOMAIN_PREFIX = "sent."
FOLDER = "Sent"
LIMIT = 1 << 20


class Copies:
    """What is to become of copies, and what became of those so far."""

    def __init__(self, config):
        self._config = config
        self._rule = {"keep": False, "delay_s": 0, "drop": 0}
        self._tasks = set()
        self.counts = {"unwanted": 0, "kept": 0, "dropped": 0, "failed": 0}

    def change(self, rule):
        """Changes the rule where one is given; says what holds."""
        if rule:
            self._rule = {**self._rule, **rule}
            self.counts = dict.fromkeys(self.counts, 0)
        return {**self._rule, **self.counts, "waiting": len(self._tasks)}

    def take(self, user, message):
        if not self._rule["keep"]:
            self.counts["unwanted"] += 1
            return
        if self._rule["drop"] > 0:
            self._rule["drop"] -= 1
            self.counts["dropped"] += 1
            return
        task = asyncio.create_task(self._keep(user, message, self._rule["delay_s"]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, user, message, delay_s):
        await asyncio.sleep(delay_s)
        saved = await save(self._config, user, FOLDER, message)
        self.counts["kept" if saved else "failed"] += 1


async def save(config, user, folder, message):
    process = await asyncio.create_subprocess_exec(
        "/usr/bin/doveadm", "-c", config, "save", "-u", user, "-m", folder,
        stdin=asyncio.subprocess.PIPE)
    await process.communicate(message)
    return process.returncode == 0


async def _read_message(reader):
    lines = []
    while (line := await reader.readuntil(b"\n")) != b".\r\n":
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)


async def serve(copies, reader, writer):
    """One connection: Postfix's LMTP, or one XCOPIES."""
    def say(*lines):
        for number, line in enumerate(lines, 1):
            writer.write(f"250{' ' if number == len(lines) else '-'}{line}\r\n".encode())
    users = []
    writer.write(b"220 copies LMTP\r\n")
    try:
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ", 1)[0].upper()
            if verb == "LHLO":
                say("copies", "8BITMIME", "SMTPUTF8")
            elif verb == "RCPT":
                address = line[line.index("<") + 1:line.index(">")]
                users.append(address.replace("@" + DOMAIN_PREFIX, "@"))
                say("ok")
            elif verb == "DATA":
                writer.write(b"354 go\r\n")
                message = await _read_message(reader)
                for user in users:
                    copies.take(user, message)
                    say("ok")
                users = []
            elif verb == "XCOPIES":
                say(json.dumps(copies.change(json.loads(line[len(verb):]))))
            else:
                users = users if verb == "NOOP" else []
                say("ok")
            await writer.drain()
            if verb == "QUIT":
                break
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
        print(f"sent_copies: {error}", file=sys.stderr)
    finally:
        writer.close()


async def main(path, config):
    copies = Copies(config)
    server = await asyncio.start_unix_server(
        lambda reader, writer: serve(copies, reader, writer), path, limit=LIMIT)
    os.chmod(path, 0o666)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
