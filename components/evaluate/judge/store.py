"""Replies as they come, one line of JSON each, from which a run that was cut short goes on."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Record:
    """A line of the store."""

    key: str
    attempt: int
    """Key and attempt together name what was asked for."""
    repeat: int
    is_swapped: bool
    model: str
    template: str
    template_digest: str
    reply: str | None
    """None if none came."""
    reason: str
    """Why it is no rating; "" if it is one."""
    detail: str
    prompt_tokens: int | None
    completion_tokens: int | None


class Store:
    """An append-only file. What ``add`` has returned for survives a crash of the machine."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = Lock()
        self._file = path.open("ab", buffering=0)
        _cut_half_line(path)
        _sync_folder(path.parent)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, record: Record) -> None:
        """Append a record, whole or not at all."""
        line = json.dumps(asdict(record), ensure_ascii=False).encode() + b"\n"
        with self._lock:
            before = os.fstat(self._file.fileno()).st_size
            try:
                if self._file.write(line) != len(line):
                    raise OSError(f"{self._path}: could not be written in full; is the disk full?")
                os.fsync(self._file.fileno())
            except OSError:
                os.ftruncate(self._file.fileno(), before)
                raise

    def read(self) -> Iterator[Record]:
        """All records in the order in which they came; a damaged one is passed over, and asked for again."""
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield Record(**json.loads(line))
                except (ValueError, TypeError) as error:
                    _log.warning("%s, line %d cannot be read and is asked for again: %s", self._path, number, error)


def _cut_half_line(path: Path) -> None:
    """The end of a run that was killed while it wrote: without this, the next line would be joined to it."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)


def _sync_folder(folder: Path) -> None:
    """A new file's name is the folder's content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
