"""A data set's files by name, for readers and workers."""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from components.archives.errors import BadRow
from components.archives.index import backwards, build_index, fingerprint, load_segments
from components.archives.inflate import Inflated
from components.archives.member import DEFLATED, STORED
from components.archives.segments import Segment, SegmentReader, cut
from components.archives.zips import ENCRYPTED, data_of
from components.fingerprints.fingerprint import of_code
from components.korean.text import is_text, nfc

_FIELDS = "key, name, archive, size, origin"
_AFTER_SLASH = chr(ord("/") + 1)


class FileProblem(BadRow):
    """A file that cannot be had; the text is the reason."""


@dataclass(frozen=True)
class Entry:
    """A file of the data set."""

    key: int
    name: str
    """Its path in composed form; inside an archive, without the archive's own."""
    archive: str
    """The path of the archive that it lies in; "" for loose files."""
    size: int
    """Bytes, unpacked."""
    origin: int
    """0: it lies where the data set's rows do; from 1 on: in a further origin for images."""


class Files:
    """Finds and reads the files that an index lists. Can be sent to other processes."""

    def __init__(self, index: Path, digest: str) -> None:
        self._index = index
        self.fingerprint = digest
        """Of the names, sizes and times of what lies in the data set's folders."""

    def entries(self, *suffixes: str, origin: int | None = None) -> Iterator[Entry]:
        """Files whose names end in one of the suffixes (none given: all), sorted by name, numbers by their value."""
        rows = self._database.execute(f"SELECT {_FIELDS} FROM file ORDER BY sort, archive")
        wanted = tuple(suffix.lower() for suffix in suffixes)
        for row in rows:
            entry = Entry(*row)
            if (not wanted or entry.name.lower().endswith(wanted)) and origin in (None, entry.origin):
                yield entry

    def find(self, name: str) -> Entry:
        """The file that a row calls ``name``: its path, the end of its path, or a path whose end it is.

        Of several, the one that agrees in the longest end is meant; copies of one file count as one.

        Raises:
            FileProblem: if there is none, or more than one.
        """
        if not is_text(name):
            raise FileProblem(f"image missing: {name!a}")
        wanted = backwards(nfc(name).replace("\\", "/"))
        found = next(filter(None, self._candidates(wanted)), None) if wanted else None
        if not found:
            raise FileProblem(f"image missing: {name}")
        if len(found) > 1 and not self._are_copies(found):
            raise FileProblem(f"image ambiguous: {name} is in {len(found)} places")
        return found[0]

    def _candidates(self, wanted: str) -> Iterator[list[Entry]]:
        """Files whose backwards path is the wanted one, those of which it is the beginning, and shorter ones."""
        yield self._select("back = ?", wanted)
        yield self._select("back > ? AND back < ?", wanted, f"{wanted[:-1]}{_AFTER_SLASH}")
        while wanted := wanted[:-1].rpartition("/")[0]:
            wanted += "/"
            yield self._select("back = ?", wanted)

    def _select(self, condition: str, *values: str) -> list[Entry]:
        rows = self._database.execute(f"SELECT {_FIELDS} FROM file WHERE {condition} ORDER BY key", values)
        return [Entry(*row) for row in rows]

    def _are_copies(self, entries: Sequence[Entry]) -> bool:
        return len({entry.size for entry in entries}) == 1 and len({self._checksum(entry) for entry in entries}) == 1

    def _checksum(self, entry: Entry) -> int:
        """Zip archives have it; of others it is computed."""
        (crc,) = self._database.execute("SELECT crc FROM file WHERE key = ?", (entry.key,)).fetchone()
        return zlib.crc32(self.read(entry)) if crc is None else crc

    def read(self, entry: Entry) -> bytes:
        """All of a file's bytes.

        Raises:
            FileProblem: if it is damaged or cannot be unpacked.
        """
        with self.open(entry) as stream:
            try:
                return stream.read(entry.size + 1)  # at once, and on to the end, where the checksum is compared
            except (OSError, ValueError) as error:
                raise FileProblem(f"file unreadable: {entry.name}, {error}") from None
            except MemoryError:
                raise FileProblem(f"file unreadable: {entry.name}, {entry.size:,} bytes are too many") from None

    def open(self, entry: Entry) -> IO[bytes]:
        """A file as a stream; what is damaged is found out (as OSError, ValueError) when it is read.

        Raises:
            FileProblem: if it cannot be unpacked.
        """
        container, start, packed, size, method, crc, zipped = self._database.execute(
            "SELECT container, start, packed, size, method, crc, zipped FROM file WHERE key = ?", (entry.key,)
        ).fetchone()
        if method == ENCRYPTED:
            raise FileProblem(f"file unreadable: {entry.name}, it needs a password")
        if method not in (STORED, DEFLATED):
            raise FileProblem(f"file unreadable: {entry.name}, compressed in the unknown way {method}")
        try:
            segments = self._segments(container)
            data = data_of(segments, start, packed) if zipped else cut(segments, start, packed)
            reader = SegmentReader(data)
        except (OSError, ValueError) as error:
            raise FileProblem(f"file unreadable: {entry.name}, {error}") from None
        return io.BufferedReader(Inflated(reader, method, size, crc))

    def _segments(self, container: int) -> list[Segment]:
        return _load_container(self._index, os.getpid(), container)

    @property
    def _database(self) -> sqlite3.Connection:
        return _connect(self._index, os.getpid())

    def __reduce__(self) -> tuple[Any, ...]:
        return Files, (self._index, self.fingerprint)


def open_files(folders: Sequence[Path], scratch: Path) -> Files:
    """The files of a data set's folders; the first holds its rows. The index is built unless it is there.

    Raises:
        SourceError: naming an archive that is damaged or must not be read.
    """
    folders = [folder.absolute() for folder in folders]
    scratch = scratch.absolute()
    digest = fingerprint(folders)
    # The index holds paths: a data set that was moved needs another one.
    code = of_code("components.archives.index").digest
    place = hashlib.sha256("\n".join(map(str, [code, scratch, *folders])).encode()).hexdigest()
    index = scratch / f"files-{digest[:16]}-{place[:8]}.sqlite"
    if not index.is_file():
        scratch.mkdir(parents=True, exist_ok=True)
        build_index(folders, index)
    return Files(index, digest)


@lru_cache(maxsize=64)
def _connect(index: Path, process: int) -> sqlite3.Connection:
    """A connection for this process: children must not share their parent's."""
    return sqlite3.connect(f"{index.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


@lru_cache(maxsize=64)
def _load_container(index: Path, process: int, container: int) -> list[Segment]:
    (text,) = _connect(index, process).execute("SELECT segments FROM container WHERE key = ?", (container,)).fetchone()
    return load_segments(text)
