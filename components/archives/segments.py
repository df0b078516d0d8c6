"""One stream made of pieces of files: an archive that came in parts, or that lies inside another."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Segment:
    """A piece of a file, in bytes."""

    path: Path
    start: int
    length: int


def cut(segments: Sequence[Segment], start: int, length: int) -> list[Segment]:
    """The segments that make up ``length`` bytes from ``start`` on; fewer where there are not so many."""
    found = []
    for segment in segments:
        begin, end = max(start, 0), min(start + length, segment.length)
        if begin < end:
            found.append(Segment(segment.path, segment.start + begin, end - begin))
        start -= segment.length
    return found


class SegmentReader(io.RawIOBase):
    """Reads segments one after the other as one file; can be sought in."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        super().__init__()
        self._segments = list(segments)
        self._size = sum(segment.length for segment in segments)
        self._position = 0
        self._open: dict[Path, io.FileIO] = {}

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative position: {base + offset}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        done, view = 0, memoryview(buffer)
        for segment in cut(self._segments, self._position, len(buffer)):
            file = self._file(segment.path)
            file.seek(segment.start)
            done += file.readinto(view[done : done + segment.length]) or 0
        self._position += done
        return done

    def close(self) -> None:
        for file in self._open.values():
            file.close()
        self._open.clear()
        super().close()

    def _file(self, path: Path) -> io.FileIO:
        if path not in self._open:
            self._open[path] = io.FileIO(path)
        return self._open[path]


class HeaderReader(io.BufferedReader):
    """Reads an archive's headers: never more than ``most`` bytes at once, whatever length a header claims."""

    def __init__(self, segments: Sequence[Segment], most: int) -> None:
        super().__init__(SegmentReader(segments))
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._most if size is None or size < 0 else min(size, self._most))
