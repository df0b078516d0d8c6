"""What lies in a data set's folders: loose files, archives, parts of archives, archives inside archives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.ingest.archives.member import STORED, Member, is_rubbish, safe_name
from components.ingest.archives.segments import Segment, cut
from components.ingest.archives.tars import decompressed, list_tar
from components.ingest.archives.zips import data_of, list_zip
from components.ingest.records import SourceError

_PART = re.compile(r"(?P<name>.+\.(?:zip|tar))\.part(?P<number>\d+)", re.IGNORECASE)
_GZIPPED = (".tar.gz", ".tgz")
_MOST_TAR_BYTES = 2 * 1024**4
"""A gzipped tar must not unpack to more than 2 TiB; the largest data sets here have a tenth of it."""


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


def outer_files(folder: Path) -> list[tuple[str, Path]]:
    """All files under a folder (or the one file), by their path in it, sorted; rubbish and hidden ones are left out.

    Raises:
        SourceError: for a link that leads out of the folder. (Links within a cache of the hub's are as they should be.)
    """
    if folder.is_file():
        return [(folder.name, folder)]
    root = _allowed(folder)
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if is_rubbish(name) or any(part.startswith(".") for part in name.split("/")) or not path.is_file():
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise SourceError(f"{path} is a link out of its data set's folder: put the file itself there")
        found.append((name, path))
    return found


def list_files(folders: Sequence[Path], scratch: Path) -> Iterator[Found]:
    """Everything in the folders, archives opened.

    Raises:
        SourceError: naming the archive that is damaged or must not be read.
    """
    for origin, folder in enumerate(folders):
        streams: dict[str, _Stream] = {}
        for name, path in outer_files(folder):
            if name.lower().endswith(_GZIPPED):
                path = decompressed(path, scratch, _MOST_TAR_BYTES)
                name = re.sub(r"(\.tar\.gz|\.tgz)$", ".tar", name, flags=re.IGNORECASE)
            size = path.stat().st_size
            whole = [Segment(path, 0, size)]
            if _is_archive(name) or _PART.fullmatch(name):
                streams[name] = _Stream(name, origin, whole)
            else:
                member = Member(safe_name(name, str(folder)), 0, size, size, STORED, None)
                yield Found(member.name, origin, "", whole, member, is_zipped=False)
        for stream in _join_parts(streams):
            yield from _open(stream)


def _allowed(folder: Path) -> Path:
    """Where links may lead: the folder, or the repository's whole cache if it is a snapshot in the hub's."""
    resolved = folder.resolve()
    return resolved.parent.parent if resolved.parent.name == "snapshots" else resolved


def _open(stream: _Stream) -> Iterator[Found]:
    is_zip = stream.name.lower().endswith(".zip")
    members = (list_zip if is_zip else list_tar)(stream.segments, stream.name)
    inside: dict[str, _Stream] = {}
    for member in members:
        nested = _is_archive(member.name) or _PART.fullmatch(member.name)
        if nested and member.method == STORED:
            data = _data(stream, member, is_zip)
            inside[member.name] = _Stream(f"{stream.name}/{member.name}", stream.origin, data)
        else:
            yield Found(member.name, stream.origin, stream.name, stream.segments, member, is_zip)
    for nested_stream in _join_parts(inside):
        yield from _open(nested_stream)


def _data(stream: _Stream, member: Member, is_zip: bool) -> list[Segment]:
    try:
        if is_zip:
            return data_of(stream.segments, member.start, member.packed)
    except ValueError:
        raise SourceError(f"{stream.name} is not a whole zip archive: fetch it again, or join its parts") from None
    return cut(stream.segments, member.start, member.size)


def _is_archive(name: str) -> bool:
    return name.lower().endswith((".zip", ".tar"))


def _join_parts(streams: dict[str, _Stream]) -> Iterator[_Stream]:
    """Whole archives as they are; parts put together by their numbers (part10 comes after part9)."""
    parts: dict[str, dict[int, _Stream]] = {}
    for name, stream in streams.items():
        found = _PART.fullmatch(name)
        if found is None:
            yield stream
        else:
            parts.setdefault(found["name"], {})[int(found["number"])] = stream
    for numbered in parts.values():
        first = numbered[min(numbered)]
        label = first.name.rpartition(".part")[0]
        missing = sorted(set(range(min(min(numbered), 1), max(numbered) + 1)) - set(numbered))
        if missing:
            raise SourceError(f"{label} is not whole: part{missing[0]} is missing between or before its parts")
        segments = [segment for number in sorted(numbered) for segment in numbered[number].segments]
        yield _Stream(label, first.origin, segments)
