"""What lies in a data set's folders: loose files, archives, parts of archives, archives inside archives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.archives.errors import SourceError
from components.archives.member import STORED, Member
from components.archives.outer import outer_files
from components.archives.segments import Segment, cut
from components.archives.tars import decompressed, list_tar
from components.archives.zips import data_of, list_zip

_PART = re.compile(r"(?P<name>.+\.(?:zip|tar))\.part(?P<number>\d+)", re.IGNORECASE)
_GZIPPED = (".tar.gz", ".tgz")
_MOST_DEEP = 4
"""Archives in archives; AI Hub has two, one more may stand around them."""


@dataclass(frozen=True)
class Found:
    """A loose file, or a file in an archive."""

    name: str
    origin: int
    """Which of the data set's folders it lies in."""
    archive: str
    """The archive's path in its folder; "" for loose files."""
    segments: Sequence[Segment]
    """The loose file, or the whole archive."""
    member: Member
    is_zipped: bool


@dataclass(frozen=True)
class _Stream:
    """An archive's bytes, wherever they lie."""

    name: str
    origin: int
    segments: Sequence[Segment]
    depth: int = 1


def list_files(folders: Sequence[Path], scratch: Path) -> Iterator[Found]:
    """Everything in the folders, archives opened.

    Raises:
        SourceError: naming the archive that is damaged or must not be read.
    """
    for origin, folder in enumerate(folders):
        streams = []
        for name, path in outer_files(folder):
            if name.lower().endswith(_GZIPPED):
                path = decompressed(path, scratch)
            size = path.stat().st_size
            whole = [Segment(path, 0, size)]
            if _is_archive(name) or name.lower().endswith(_GZIPPED):
                streams.append(_Stream(name, origin, whole))
            else:
                member = Member(name, 0, size, size, STORED, None)
                yield Found(name, origin, "", whole, member, is_zipped=False)
        for stream in _join_parts(streams):
            yield from _open(stream)


def _open(stream: _Stream) -> Iterator[Found]:
    if stream.depth > _MOST_DEEP:
        raise SourceError(f"{stream.name} is refused: it lies in more than {_MOST_DEEP - 1} archives; unpack these")
    is_zip = stream.name.lower().endswith(".zip")
    inside = []
    for member in (list_zip if is_zip else list_tar)(stream.segments, stream.name):
        if _is_archive(member.name) and member.method == STORED:
            name, data = f"{stream.name}/{member.name}", _data(stream, member, is_zip)
            inside.append(_Stream(name, stream.origin, data, stream.depth + 1))
        else:
            yield Found(member.name, stream.origin, stream.name, stream.segments, member, is_zip)
    for nested in _join_parts(inside):
        yield from _open(nested)


def _data(stream: _Stream, member: Member, is_zip: bool) -> list[Segment]:
    if not is_zip:
        return cut(stream.segments, member.start, member.size)
    try:
        return data_of(stream.segments, member.start, member.packed)
    except ValueError:
        raise SourceError(f"{stream.name} is not a whole zip archive: fetch it again, or join its parts") from None


def _is_archive(name: str) -> bool:
    """Whether it is one that can be read where it lies, or a part of one."""
    return name.lower().endswith((".zip", ".tar")) or _PART.fullmatch(name) is not None


def _join_parts(streams: Iterable[_Stream]) -> Iterator[_Stream]:
    """Whole archives as they are; parts put together by their numbers (part10 comes after part9)."""
    parts: dict[str, dict[int, _Stream]] = {}
    for stream in streams:
        found = _PART.fullmatch(stream.name)
        if found is None:
            yield stream
            continue
        numbered = parts.setdefault(found["name"], {})
        number = int(found["number"])
        if number in numbered:
            raise SourceError(f"{found['name']} has two parts {number}: remove the one that does not belong to it")
        numbered[number] = stream
    for name, numbered in parts.items():
        yield _joined(name, numbered)


def _joined(name: str, parts: dict[int, _Stream]) -> _Stream:
    """One archive of its parts, whose numbers begin with 0 or 1."""
    numbers = sorted(parts)
    missing = sorted(set(range(min(numbers[0], 1), numbers[-1])) - set(numbers))
    if missing:
        raise SourceError(f"{name} is not whole: part{missing[0]} is missing between or before its parts")
    first = parts[numbers[0]]
    segments = [segment for number in numbers for segment in parts[number].segments]
    return _Stream(name, first.origin, segments, first.depth)
