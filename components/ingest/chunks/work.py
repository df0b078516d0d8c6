"""Cutting a source into chunks, and the work on one chunk."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from components.archives.files import Files
from components.ingest.checks.check import Sample, check_all
from components.ingest.checks.rules import Rules
from components.ingest.chunks.store import ChunkStore
from components.ingest.readers import READERS
from components.ingest.records import Record, Rejected
from components.params.schema import Source

_ROWS, _HELD_BYTES = 512, 32 * 1024**2
"""A chunk ends after so many rows, or earlier if they hold so many bytes of images themselves."""


@dataclass(frozen=True)
class Assignment:
    """What workers need to know of a source."""

    source: Source
    files: Files
    rules: Rules
    store: ChunkStore
    seed: int


@dataclass(frozen=True)
class Chunk:
    """Some rows of a source, in its order."""

    number: int
    entries: list[Record | Rejected]
    skipped: int = 0
    """Rows that are left out of ``entries``, since they have been worked on."""


@dataclass(frozen=True)
class Worked:
    """What was done of a chunk."""

    number: int
    rows: int
    samples: int
    skipped: int


def cut(assignment: Assignment) -> Iterator[Chunk]:
    """All rows of the source in chunks, which are the same each time."""
    source = assignment.source
    entries = itertools.islice(READERS[source.reader](assignment.files, source, assignment.seed), source.limit)
    for number in itertools.count():
        taken = list(_take(entries))
        if not taken:
            return
        yield Chunk(number, taken)


def work_on(chunk: Chunk, assignment: Assignment) -> Worked:
    """Check a chunk's rows and store the outcome, if there are any to be worked on."""
    outcomes = check_all(chunk.entries, assignment.files, assignment.rules) if chunk.entries else []
    if outcomes:
        assignment.store.write(chunk.number, outcomes)
    samples = sum(isinstance(outcome, Sample) for outcome in outcomes)
    return Worked(chunk.number, len(outcomes), samples, chunk.skipped)


def _take(entries: Iterator[Record | Rejected]) -> Iterator[Record | Rejected]:
    held = 0
    for entry in itertools.islice(entries, _ROWS):
        yield entry
        if isinstance(entry, Record):
            held += sum(len(image.data) for image in entry.images if image.data is not None)
        if held > _HELD_BYTES:
            return
