"""What workers tell the program that started them while they train."""

from __future__ import annotations

from dataclasses import dataclass

from ray.util.queue import Queue

from components.training.log import Log, Row, ValidationRow


@dataclass(frozen=True)
class Going:
    """Training begins, or goes on after ``done`` steps with what was logged until then."""

    done: int
    steps: int
    log: Log


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


Message = Going | Progress | Lost | Stopped


class Wire:
    """Takes messages from any process of a Ray session; needs no CPU of its own."""

    def __init__(self) -> None:
        self._queue = Queue(actor_options={"num_cpus": 0})

    def send(self, message: Message) -> None:
        """Leave a message."""
        self._queue.put(message)

    def receive(self) -> list[Message]:
        """All messages that have come since."""
        return self._queue.get_nowait_batch(self._queue.size())

    def close(self) -> None:
        """No more messages."""
        self._queue.shutdown()
