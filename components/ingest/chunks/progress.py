"""How far a source has come, a line from time to time."""

from __future__ import annotations

import time

_SECONDS = 10.0


class Progress:
    """Prints at most one line in ten seconds."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rows = self._samples = 0
        self._began = self._said = time.monotonic()

    def add(self, rows: int, samples: int) -> None:
        """Count rows that were worked on, and samples that came of them."""
        self._rows += rows
        self._samples += samples
        now = time.monotonic()
        if now - self._said < _SECONDS:
            return
        self._said = now
        rate = self._rows / (now - self._began)
        print(
            f"ingest: {self._source}: read {self._rows:,}, refused {self._rows - self._samples:,}, {rate:,.0f} rows/s",
            flush=True,
        )
