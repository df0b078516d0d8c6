"""Tar archives, which are read without unpacking them; compressed ones are decompressed once."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from components.archives.errors import SourceError
from components.archives.member import STORED, Member, is_rubbish, most_unpacked, safe_name
from components.archives.segments import HeaderReader, Segment

_PIECE = 1024**2
_LONGEST_HEADER = 1024**2
"""Bytes; headers are blocks of 512, and seldom a few KiB of them."""


def list_tar(segments: Sequence[Segment], archive: str) -> Iterator[Member]:
    """The files of a tar archive.

    Raises:
        SourceError: naming the archive, if it is damaged or must not be read.
    """
    size = sum(segment.length for segment in segments)
    with HeaderReader(segments, _LONGEST_HEADER) as stream:
        for info in _infos(stream, archive):
            if info.size < 0 or info.offset_data + info.size > size:
                raise SourceError(_damaged(archive))
            if not info.isdir():
                member = _member(info, archive)
                if not is_rubbish(member.name):
                    yield member


def decompressed(path: Path, scratch: Path) -> Path:
    """A gzipped tar as a tar in scratch, made once.

    Raises:
        SourceError: if it is damaged, a bomb, or scratch is full.
    """
    state = path.stat()
    key = hashlib.sha256(f"{path} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:16]
    target, part = scratch / f"{key}.tar", scratch / f".{key}.tar.part"
    if target.is_file():
        return target
    try:
        with part.open("wb") as file:
            for piece in _pieces(path, most_unpacked(state.st_size)):
                file.write(piece)
        os.replace(part, target)
    except OSError as error:
        raise SourceError(f"{path} cannot be decompressed to {scratch}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    return target


def _pieces(path: Path, most: int) -> Iterator[bytes]:
    """The bytes of a gzipped file, never more than ``most``."""
    done = 0
    try:
        with gzip.open(path) as packed:
            while piece := packed.read(_PIECE):
                done += len(piece)
                if done > most:
                    raise SourceError(f"{path} is refused as a bomb: it unpacks to more than {most:,} bytes")
                yield piece
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise SourceError(f"{path} is not a whole gzipped tar archive: fetch it again") from None


def _infos(stream: HeaderReader, archive: str) -> Iterator[tarfile.TarInfo]:
    """What the headers say, to the archive's end."""
    try:
        with tarfile.open(fileobj=stream, mode="r:") as opened:
            while (info := opened.next()) is not None:
                opened.members = []  # type: ignore[attr-defined]  # it keeps all, and there may be millions
                yield info
            stream.seek(opened.offset)
    except Exception:  # damaged headers let it fail in more ways than by its own errors
        raise SourceError(_damaged(archive)) from None
    _check_end(stream, archive)


def _check_end(stream: IO[bytes], archive: str) -> None:
    """The library takes a damaged header for the end, and would leave out all that follows."""
    mark = stream.read(tarfile.BLOCKSIZE)
    if not mark:
        raise SourceError(
            f"{_damaged(archive)}. It has no mark at its end (if it is whole all the same, append one: "
            "truncate -s +1024 <file>)"
        )
    if mark != bytes(tarfile.BLOCKSIZE):
        raise SourceError(_damaged(archive))
    while piece := stream.read(_PIECE):
        if piece.count(0) != len(piece):
            raise SourceError(f"{archive} goes on behind its end, as if it were two archives: unpack it, and pack anew")


def _damaged(archive: str) -> str:
    return f"{archive} is not a whole tar archive: fetch it again"


def _member(info: tarfile.TarInfo, archive: str) -> Member:
    if not info.isreg() or info.issparse():
        raise SourceError(f"{archive} is refused: {info.name!r} is a link or a device")
    return Member(safe_name(_name(info.name), archive), info.offset_data, info.size, info.size, STORED, None)


def _name(name: str) -> str:
    """Names that are not UTF-8 are taken for CP949, which Korean Windows writes."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError:
        return name.encode("utf-8", "surrogateescape").decode("cp949", "surrogateescape")
