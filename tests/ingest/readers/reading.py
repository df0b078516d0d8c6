"""What tests of readers share: a data set read, and read and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from components.archives.files import open_files
from components.ingest.checks.check import Sample, check_all
from components.ingest.checks.rules import Rules
from components.ingest.readers import READERS
from components.ingest.records import Record, Rejected
from components.params.schema import Source

SEED = 17


def read_all(folder: Path, source: Source, scratch: Path, seed: int = SEED) -> list[Record | Rejected]:
    """All that the source's reader hands on."""
    return list(READERS[source.reader](open_files([folder], scratch), source, seed))


def check_whole(folder: Path, source: Source, scratch: Path, rules: Rules) -> list[Sample | Rejected]:
    """Read and checked, as workers do it."""
    return check_all(read_all(folder, source, scratch), open_files([folder], scratch), rules)


def faults(outcomes: Sequence[object]) -> Counter[str]:
    """How often each fault was found."""
    return Counter(outcome.fault for outcome in outcomes if isinstance(outcome, Rejected))


def conversation(entry: Record | Rejected) -> list[str]:
    """What is said in a record."""
    assert isinstance(entry, Record), entry
    return [turn.content for turn in entry.conversation]
