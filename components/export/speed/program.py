"""A program beside this one that answers requests, a JSON object a line.

What is measured loads in a fresh process, so that the time it takes to load and the memory that it needs are its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

_MARK = "answer "
"""Begins the lines that are answers: libraries print lines of their own."""
_SHOWN_LINES = 20
_KIB = 1024

Handler = Callable[[dict[str, Any]], dict[str, Any]]
"""From a request to its answer."""


class SubjectFailed(RuntimeError):
    """A measured program ended; the message has its last lines."""


class Program:
    """A running program that calls ``serve``. Use as a context."""

    def __init__(self, module: str, arguments: Sequence[str]) -> None:
        """Start it, and wait until it has loaded.

        Args:
            module: run as ``python -m``.

        Raises:
            SubjectFailed: if it ended instead.
        """
        self._name = " ".join([module, *arguments])
        self._program = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            bufsize=1,
        )
        self._printed: list[str] = []
        try:
            self.load_seconds: float = self._read()["load_seconds"]
        except BaseException:  # nobody else could end it
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self._program.kill()
        self._program.wait()
        for stream in (self._program.stdin, self._program.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):  # a request that it did not read
                    stream.close()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Its answer.

        Raises:
            SubjectFailed: if it ended instead.
        """
        assert self._program.stdin is not None
        with suppress(BrokenPipeError):  # why, is in what it printed
            self._program.stdin.write(json.dumps(request) + "\n")
        return self._read()

    def peak_mb(self) -> float:
        """The most memory that it has held so far, in megabytes (10^6 bytes)."""
        return float(self.ask({})["peak_mb"])

    def _read(self) -> dict[str, Any]:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            if line.startswith(_MARK):
                found: dict[str, Any] = json.loads(line.removeprefix(_MARK))
                return found
            self._printed.append(line)
        last = "".join(self._printed[-_SHOWN_LINES:])
        raise SubjectFailed(f"{self._name} ended (exit code {self._program.wait()}):\n{last}")


def serve(load: Callable[[], Handler]) -> None:
    """Load what answers, say how long that took, then answer requests until the input ends.

    Args:
        load: its libraries should be imported already: a program loads them once, and a model each time.
    """
    start = time.perf_counter()
    handler = load()
    _say({"load_seconds": time.perf_counter() - start})
    for line in sys.stdin:
        request = json.loads(line)
        _say(handler(request) if request else {"peak_mb": _peak_bytes() / 1e6})


def _say(values: dict[str, Any]) -> None:
    print(_MARK + json.dumps(values), flush=True)


def _peak_bytes() -> int:
    """The most memory held. Linux says it of the program alone; getrusage counts what its parent held at the fork."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.is_file() else []
    kilobytes = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), None)
    return _KIB * (kilobytes or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
