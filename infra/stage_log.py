"""Reads in `dvc repro`'s output which stages ran, which did not need to, and how long each took."""

import re
from dataclasses import dataclass, field
from typing import Literal

Result = Literal["running", "ran", "from cache", "up to date", "failed"]

_MESSAGES: list[tuple[re.Pattern[str], Result]] = [
    (re.compile(r"^Running stage '(.+)':$"), "running"),
    (re.compile(r"^Stage '(.+)' is cached - skipping run, checking out outputs$"), "from cache"),
    (re.compile(r"^Stage '(.+)' didn't change, skipping$"), "up to date"),
    (re.compile(r"^ERROR: failed to reproduce '(.+?)'"), "failed"),
]


@dataclass
class StageRecord:
    """What happened to one stage in this run."""

    result: Result
    started: float
    seconds: float | None = None


@dataclass
class StageLog:
    """The stages seen so far, in the order in which DVC came to them."""

    stages: dict[str, StageRecord] = field(default_factory=dict)
    _rest: bytes = b""

    def feed(self, chunk: bytes, now: float) -> None:
        """Takes the next piece of output, which may end within a line."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._read(line.decode("utf-8", errors="replace").strip(), now)

    def close(self, now: float, failed: bool) -> None:
        """Ends the stage that was running when the output ended."""
        self._read(self._rest.decode("utf-8", errors="replace").strip(), now)
        self._end_running(now, "failed" if failed else "ran")

    def _read(self, line: str, now: float) -> None:
        for pattern, result in _MESSAGES:
            if match := pattern.match(line):
                name = match[1]
                self._end_running(now, "failed" if result == "failed" else "ran")
                if name not in self.stages:
                    self.stages[name] = StageRecord(result, now)
                return

    def _end_running(self, now: float, result: Result) -> None:
        for record in self.stages.values():
            if record.result == "running":
                record.result, record.seconds = result, now - record.started
