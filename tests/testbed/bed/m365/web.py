"""Enough of HTTP/1.1 for a server on loopback: one handler, bodies with a length, keep-alive."""
import asyncio
import contextlib
import dataclasses
import http.client
import json
import urllib.parse

LONGEST_LINE = 256 * 1024
LONGEST_BODY = 4 * 1024 * 1024


@dataclasses.dataclass
class Request:
    method: str
    path: str
    query: dict
    headers: dict
    body: bytes

    def form(self):
        """The fields of a form body; of one that comes twice, the last."""
        return dict(urllib.parse.parse_qsl(self.body.decode(errors="replace"), True))


@dataclasses.dataclass
class Answer:
    status: int = 200
    headers: dict = dataclasses.field(default_factory=dict)
    body: str = ""


def json_answer(value, status=200, headers=None):
    return Answer(status, {"content-type": "application/json; charset=utf-8",
                           "cache-control": "no-store", **(headers or {})}, json.dumps(value))


def redirect(address):
    return Answer(302, {"location": address})


async def _read_request(reader):
    """The next request; None at the end of the connection."""
    line = (await reader.readline()).decode("latin-1").split()
    if len(line) != 3:
        return None
    headers = {}
    while True:
        field = (await reader.readline()).decode("latin-1").strip()
        if not field:
            break
        name, _, value = field.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    if not 0 <= length <= LONGEST_BODY:
        return None
    target = urllib.parse.urlsplit(line[1])
    return Request(line[0], urllib.parse.unquote(target.path),
                   dict(urllib.parse.parse_qsl(target.query, True)), headers,
                   await reader.readexactly(length))


def _bytes_of(answer, keep):
    body = answer.body.encode()
    reason = http.client.responses.get(answer.status, "Other")
    fields = {**answer.headers, "content-length": len(body),
              "connection": "keep-alive" if keep else "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {answer.status} {reason}\r\n{head}\r\n".encode() + body


def connection_handler(handle):
    """A callback for asyncio.start_server; `handle(request)` is a coroutine that gives an Answer."""
    async def serve(reader, writer):
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError):
            while request := await _read_request(reader):
                keep = request.headers.get("connection", "").lower() != "close"
                writer.write(_bytes_of(await handle(request), keep))
                await writer.drain()
                if not keep:
                    break
        writer.close()
    return serve
