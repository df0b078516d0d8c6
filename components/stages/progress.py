"""How far a long loop has come: a line from time to time, with the time that is left, in one style for all stages."""

from __future__ import annotations

import time
from collections.abc import Callable

_TELL_EVERY_SECONDS = 10.0
_MINUTE, _HOUR = 60.0, 3600.0


def _print(line: str) -> None:
    print(line, flush=True)


class Progress:
    """At most one line in ten seconds: ``<name>: 320 of 1,212 <things>, 41 s left``; and one at the end."""

    def __init__(
        self,
        name: str,
        things: str,
        total: int | None,
        done: int = 0,
        say: Callable[[str], None] = _print,
        tells_end: bool = True,
    ) -> None:
        """Begin to count.

        Args:
            name: of what is worked on.
            things: what is counted, and what was done to it.
            total: None: not known (yet); no time is told then.
            done: how many were done before; the time that is left goes by the others.
            say: takes a line.
            tells_end: whether the last one is told of, however short the time since the last line.
        """
        self._name, self._things, self.total = name, things, total
        self._before, self._new = done, 0
        self._say, self._tells_end = say, tells_end
        self._began = self._said = time.monotonic()

    def skip(self, count: int) -> None:
        """So many need not be done."""
        self._before += count

    def add(self, count: int = 1, beside: str = "") -> bool:
        """So many were done; ``beside`` is told with them. Gives whether a line was due."""
        self._new += count
        now = time.monotonic()
        is_last = self._tells_end and self._before + self._new == self.total
        if not is_last and now - self._said < _TELL_EVERY_SECONDS:
            return False
        self._said = now
        self._say(self._line(now - self._began, beside))
        return True

    def _line(self, seconds: float, beside: str) -> str:
        done = self._before + self._new
        if self.total is None:
            return f"{self._name}: {done:,} {self._things}{beside}, {self._new / seconds:,.0f} a second"
        time_told = f"{duration((self.total - done) * seconds / self._new)} left" if self._new else ""
        if done == self.total:
            time_told = f"in {duration(seconds)}"
        return ", ".join(filter(None, (f"{self._name}: {done:,} of {self.total:,} {self._things}{beside}", time_told)))


def duration(seconds: float) -> str:
    """In the unit that people would take."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"
