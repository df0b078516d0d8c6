"""How far a source has come, a line from time to time."""

from __future__ import annotations

import threading
from contextlib import suppress

from components.ingest.chunks.work import Assignment, Worked, cut
from components.ingest.records import SourceError
from components.stages import progress


class Progress:
    """Rows, and how many of them were refused. Use as a context.

    How many there are, nobody knows before they are read. Once that seems to take longer, they are counted on the side:
    reading is a small part of the work.
    """

    def __init__(self, assignment: Assignment) -> None:
        name = f"ingest: {assignment.source.name}"
        self._assignment, self._told = assignment, progress.Progress(name, "rows read", None, tells_end=False)
        self._refused = 0
        self._ended = threading.Event()
        self._counting: threading.Thread | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._counting:
            self._counting.join()

    def add(self, worked: Worked) -> None:
        """Count the rows of a chunk."""
        self._refused += worked.rows - worked.samples
        self._told.skip(worked.skipped)
        if self._told.add(worked.rows, f", {self._refused:,} refused") and self._counting is None:
            self._counting = threading.Thread(target=self._count, daemon=True)
            self._counting.start()

    def _count(self) -> None:
        rows = 0
        with suppress(SourceError):  # whoever reads to work on it will raise it, too
            for chunk in cut(self._assignment):
                rows += len(chunk.entries)
                if self._ended.is_set():
                    return
            self._told.total = rows
