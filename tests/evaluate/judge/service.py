"""A judge on this machine that speaks OpenAI's chat completions, as well or as badly as a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One answer; the connection ends with it."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before it is sent."""
    cut: int | None = None
    """Bytes of the body after which the connection breaks."""


def says(text: str, finish: str = "stop", **more: Any) -> Answer:
    """A completion of 100 tokens to a prompt of 1,000."""
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    return Answer(json.dumps(body, ensure_ascii=False).encode(), **more)


def refuses(status: int, message: str = "no", code: str | None = None, **more: Any) -> Answer:
    """An error as OpenAI words it."""
    error = {"message": message, "type": "error", "param": None, "code": code}
    return Answer(json.dumps({"error": error}).encode(), status, **more)


class Service:
    """Where it is, what it was asked, and what it answers to what it is asked for the nth time (from 0)."""

    def __init__(self, answer: Callable[[Body, int], Answer]) -> None:
        self.address = ""
        self.asked: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self._answer = answer
        self._times: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._under_way = 0
        self.most_under_way = 0

    def take(self, body: Body, headers: dict[str, str]) -> Answer:
        """Note a request and answer it."""
        with self._lock:
            text = json.dumps(body["messages"], sort_keys=True)
            nth = self._times[text]
            self._times[text] += 1
            self.asked.append(body)
            self.headers.append(headers)
            self._under_way += 1
            self.most_under_way = max(self.most_under_way, self._under_way)
        answer = self._answer(body, nth)
        time.sleep(answer.delay)
        with self._lock:
            self._under_way -= 1
        return answer

    def times(self) -> Counter[str]:
        """How often each very request was made."""
        return Counter(json.dumps(body, sort_keys=True, ensure_ascii=False) for body in self.asked)


class _Handler(BaseHTTPRequestHandler):
    service: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.service.take(body, {name.lower(): value for name, value in self.headers.items()})
        self.close_connection = True
        try:
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])
        except ConnectionError:
            pass  # who asked has gone, as in tests of timeouts and kills

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def running(answer: Callable[[Body, int], Answer]) -> Iterator[Service]:
    """A judge that is there for the block."""
    service = Service(answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"service": service}))
    server.daemon_threads = True
    service.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_order(*answers: Answer) -> Callable[[Body, int], Answer]:
    """To each question these one after the other, and the last for ever."""
    return lambda _, nth: answers[min(nth, len(answers) - 1)]
