"""A service on this machine that gives the answers a test wants, in their order, and notes what it was asked."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One answer; the connection ends with it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    ranges: bool = False
    """Whether it honours the header Range."""
    cut: int | None = None
    """Bytes of the body after which the connection breaks."""
    length: int | None = None
    """Content-Length, if it is not the body's; -1: none."""


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: Mapping[str, str]


class Service:
    """Where it is, what it was asked, and what it answers."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.address = ""

    def ranges(self) -> list[str]:
        """The ranges that were asked for, "" for the whole."""
        return [asked.headers.get("range", "") for asked in self.asked]


class _Handler(BaseHTTPRequestHandler):
    service: Service

    def do_GET(self) -> None:
        asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        self.service.asked.append(asked)
        _send(self, asked, self.service.answer(asked))
        self.close_connection = True

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _send(handler: _Handler, asked: Asked, answer: Answer) -> None:
    status, body, headers = answer.status, answer.body, dict(answer.headers)
    span = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", ""))
    if answer.ranges and span:
        start, end = int(span[1]), min(int(span[2] or len(body) - 1), len(body) - 1)
        headers = {"Content-Range": f"bytes {start}-{end}/{len(body)}"} | headers
        status, body = 206, body[start : end + 1]
    handler.send_response(status)
    if answer.length != -1:
        headers["Content-Length"] = str(len(body) if answer.length is None else answer.length)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    if asked.method != "HEAD":
        handler.wfile.write(body[: answer.cut])


@contextmanager
def running(answer: Callable[[Asked], Answer]) -> Iterator[Service]:
    """A service that is there for the block."""
    service = Service(answer)
    handler = type("Handler", (_Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    service.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_order(*answers: Answer) -> Callable[[Asked], Answer]:
    """Each answer once, and the last for ever."""
    left = list(answers)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]
