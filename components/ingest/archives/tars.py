"""Tar archives, which are read without unpacking them; compressed ones are decompressed once."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from components.ingest.archives.member import STORED, Member, is_rubbish, safe_name
from components.ingest.archives.segments import Segment, SegmentReader
from components.ingest.records import SourceError

_PIECE = 1024**2


def list_tar(segments: Sequence[Segment], archive: str) -> list[Member]:
    """The files of a tar archive.

    Raises:
        SourceError: naming the archive, if it is damaged or must not be read.
    """
    size = sum(segment.length for segment in segments)
    try:
        with tarfile.open(fileobj=io.BufferedReader(SegmentReader(segments)), mode="r:") as opened:
            infos = list(opened)
    except (tarfile.TarError, OSError, ValueError, EOFError, OverflowError):
        raise SourceError(f"{archive} is not a whole tar archive: fetch it again") from None
    members = [_member(info, archive) for info in infos if not info.isdir()]
    if any(member.start + member.size > size for member in members):
        raise SourceError(f"{archive} is not a whole tar archive: fetch it again")
    return [member for member in members if not is_rubbish(member.name)]


def decompressed(path: Path, scratch: Path, most_bytes: int) -> Path:
    """A gzipped tar as a tar in scratch, made once.

    Raises:
        SourceError: if it is damaged, or larger than ``most_bytes``.
    """
    state = path.stat()
    key = hashlib.sha256(f"{path} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:16]
    target = scratch / f"{key}.tar"
    if target.is_file():
        return target
    part = scratch / f".{key}.{os.getpid()}.part"
    try:
        with gzip.open(path) as packed, part.open("wb") as file:
            while piece := packed.read(_PIECE):
                if file.tell() > most_bytes:
                    raise SourceError(f"{path} is refused as a bomb: it unpacks to more than {most_bytes:,} bytes")
                file.write(piece)
        os.replace(part, target)
    except (OSError, EOFError, zlib.error):
        raise SourceError(f"{path} is not a whole gzipped tar archive: fetch it again") from None
    finally:
        part.unlink(missing_ok=True)
    return target


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
