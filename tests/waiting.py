"""Waiting for what happens in other processes, with a limit that only a hang reaches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from components.stages.family import lives

LIMIT_SECONDS = 600.0


def wait_until(happened: Callable[[], bool], what: str, seconds: float = LIMIT_SECONDS) -> float:
    """The seconds that it took."""
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < seconds, f"{what}: not after {seconds:g} s"
        time.sleep(0.02)
    return time.monotonic() - began


def wait_until_gone(*pids: int, seconds: float = LIMIT_SECONDS) -> float:
    """The seconds until all of these processes have ended."""
    return wait_until(lambda: not living(pids), f"the end of {', '.join(map(str, pids))}", seconds)


def living(pids: Iterable[int]) -> list[int]:
    """Those that still run; a zombie does not."""
    return [pid for pid in pids if lives(pid)]
