"""What workers tell the program that started them while they train."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.training.log import Log, Row, ValidationRow

if TYPE_CHECKING:
    from ray.util.queue import Queue

_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Going:
    """Training begins, or goes on after ``done`` steps with what was logged until then."""

    done: int
    steps: int
    log: Log


@dataclass(frozen=True)
class Said:
    """A line for whoever waits."""

    text: str


@dataclass(frozen=True)
class Progress:
    """A logged row."""

    row: Row | ValidationRow


@dataclass(frozen=True)
class Lost:
    """Workers ended with an error, and what it was; they will be started anew if failures are left."""

    ranks: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Stopped:
    """Training cannot go on, and why."""

    why: str


Message = Said | Going | Progress | Lost | Stopped
Show = Callable[[Message], None]


class Wire:
    """Takes messages from any process of a Ray session; needs no CPU of its own."""

    def __init__(self) -> None:
        # Imported here: training on this machine alone talks to nobody.
        from ray.util.queue import Queue

        self._queue: Queue = Queue(actor_options={"num_cpus": 0})

    def send(self, message: Message) -> None:
        """Leave a message."""
        self._queue.put(message)

    def receive(self) -> list[Message]:
        """All messages that have come since."""
        return self._queue.get_nowait_batch(self._queue.size())


@contextmanager
def followed(wire: Wire, show: Show) -> Iterator[None]:
    """Show what comes over the wire while the block runs."""
    over = threading.Event()
    thread = threading.Thread(target=_follow, args=(wire, show, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _follow(wire: Wire, show: Show, over: threading.Event) -> None:
    while True:
        is_last = over.wait(_EVERY_SECONDS)
        for message in wire.receive():
            show(message)
        if is_last:
            return
