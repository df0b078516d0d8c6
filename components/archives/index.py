"""The index of a data set's files, an SQLite database: memory does not grow with the data set, and every process finds
a file at once."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from components.archives.listing import Found, list_files
from components.archives.outer import outer_files
from components.archives.segments import Segment

_TABLES = """
CREATE TABLE container (key INTEGER PRIMARY KEY, segments TEXT);
CREATE TABLE file (
    key INTEGER PRIMARY KEY, name TEXT, back TEXT, sort TEXT, origin INTEGER, archive TEXT, container INTEGER,
    start INTEGER, packed INTEGER, size INTEGER, method INTEGER, crc INTEGER, zipped INTEGER
);
"""
_INDEXES = "CREATE INDEX by_back ON file (back); CREATE INDEX by_sort ON file (sort, archive);"
_INSERT = f"INSERT INTO file VALUES ({', '.join('?' * 13)})"
_NUMBER = re.compile(r"\d+")
_REPORT_EVERY = 200_000


def fingerprint(folders: Sequence[Path]) -> str:
    """Digest of names, sizes and times of all outer files: changes when the data set does."""
    digest = hashlib.sha256()
    for origin, folder in enumerate(folders):
        for name, path in outer_files(folder):
            state = path.stat()
            digest.update(f"{origin} {name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def build_index(folders: Sequence[Path], target: Path) -> None:
    """Write the index; whole or not at all.

    Raises:
        SourceError: naming an archive that is damaged or must not be read.
    """
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part)) as database:
            database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
            _fill(database, list_files(folders, target.parent))
            database.executescript(_INDEXES)
            database.commit()
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _fill(database: sqlite3.Connection, files: Iterable[Found]) -> None:
    container, stored = 0, None
    for count, found in enumerate(files, start=1):
        if found.segments is not stored:
            container, stored = count, found.segments
            database.execute("INSERT INTO container VALUES (?, ?)", (container, _dump(stored)))
        member = found.member
        place = (container, member.start, member.packed, member.size, member.method, member.crc, found.is_zipped)
        names = (found.name, backwards(found.name), _natural(found.name))
        database.execute(_INSERT, (count, *names, found.origin, found.archive, *place))
        if count % _REPORT_EVERY == 0:
            print(f"ingest: {count:,} files listed", flush=True)


def backwards(path: str) -> str:
    """A path from its end, each part with a slash behind: paths with the same end have the same beginning then."""
    return "".join(f"{part}/" for part in reversed(path.split("/")) if part not in ("", "."))


def _natural(name: str) -> str:
    """Sorts numbers in names by their value."""
    return _NUMBER.sub(lambda found: found.group().rjust(20, "0"), name)


def _dump(segments: Sequence[Segment]) -> str:
    return json.dumps([[str(segment.path), segment.start, segment.length] for segment in segments])


def load_segments(text: str) -> list[Segment]:
    """The segments of a container."""
    return [Segment(Path(path), start, length) for path, start, length in json.loads(text)]
