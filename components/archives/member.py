"""A file inside an archive, and what must not be inside one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from components.archives.errors import SourceError
from components.korean.text import is_text, nfc

STORED, DEFLATED = 0, 8
"""Compression methods, by their numbers in zip archives."""
_MOST_TIMES = 100
"""Photos and JSON shrink to a half or a twentieth; only bombs unpack to more than a hundred times their size."""
_SMALL_MEMBER, _SMALL_ARCHIVE = 64 * 1024**2, 1024**3
"""Bytes unpacked below which a member, or all of an archive, does no harm however well it was packed."""
_DRIVE = re.compile(r"^[A-Za-z]:")
_RUBBISH = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$)")


@dataclass(frozen=True)
class Member:
    """Where a file lies in its archive, in bytes."""

    name: str
    start: int
    """Of its data; in zip archives, of its local header."""
    packed: int
    size: int
    method: int
    crc: int | None


def safe_name(name: str, archive: str) -> str:
    """The name in composed form, with slashes.

    Raises:
        SourceError: if it leads out of the folder that the archive would be unpacked to.
    """
    clean = nfc(name)
    if not is_text(clean) or "\0" in clean:
        raise SourceError(f"{archive} is refused: the name {name!r} is no text")
    parts = clean.replace("\\", "/").split("/")
    if ".." in parts:
        raise SourceError(f"{archive} is refused: {name!r} leads out of the archive's folder")
    named = [part for part in parts if part not in ("", ".")]
    if not named:
        raise SourceError(f"{archive} is refused: {name!r} names no file")
    if parts[0] == "" or _DRIVE.match(clean):
        raise SourceError(f"{archive} is refused: {name!r} is an absolute name")
    return "/".join(named)


def is_rubbish(name: str) -> bool:
    """Hidden files, and those that macOS and Windows leave beside others."""
    return _RUBBISH.search(name) is not None


def most_unpacked(archive_size: int) -> int:
    """Bytes that an archive of this size may unpack to in all."""
    return max(_SMALL_ARCHIVE, _MOST_TIMES * archive_size)


def refuse_bombs(members: Sequence[Member], archive_size: int, archive: str) -> None:
    """Raise SourceError for archives that unpack to absurd sizes, or whose members overlap so that they can."""
    for member in members:
        if member.size > max(_SMALL_MEMBER, _MOST_TIMES * member.packed):
            grows = f"unpacks from {member.packed:,} to {member.size:,} bytes"
            raise SourceError(f"{archive} is refused as a bomb: {member.name!r} {grows}")
    total = sum(member.size for member in members)
    if total > most_unpacked(archive_size):
        raise SourceError(f"{archive} is refused as a bomb: it unpacks from {archive_size:,} to {total:,} bytes")
    ordered = sorted(members, key=lambda member: member.start)
    for one, following in pairwise(ordered):
        if one.start + one.packed > following.start:
            raise SourceError(f"{archive} is refused as a bomb: {one.name!r} and {following.name!r} overlap")
