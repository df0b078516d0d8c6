"""Zip archives: what is in them, and one member's bytes."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Sequence

from components.ingest.archives.member import Member, is_rubbish, refuse_bombs, safe_name
from components.ingest.archives.segments import Segment, SegmentReader, cut
from components.ingest.records import SourceError

_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"
ENCRYPTED = -1
"""Stands for the method of members that need a password."""


def list_zip(segments: Sequence[Segment], archive: str) -> list[Member]:
    """The files of a zip archive.

    Raises:
        SourceError: naming the archive, if it is damaged or must not be read.
    """
    try:
        with zipfile.ZipFile(io.BufferedReader(SegmentReader(segments))) as opened:
            infos = opened.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, struct.error, OverflowError):
        raise SourceError(f"{archive} is not a whole zip archive: fetch it again, or join its parts") from None
    members = [_member(info, archive) for info in infos if not info.is_dir()]
    refuse_bombs(members, sum(segment.length for segment in segments), archive)
    return [member for member in members if not is_rubbish(member.name)]


def data_of(segments: Sequence[Segment], header: int, packed: int) -> list[Segment]:
    """The segments of a member's packed data, which stands after its local header.

    Raises:
        ValueError: if there is no local header.
    """
    with SegmentReader(cut(segments, header, _LOCAL_HEADER.size)) as reader:
        found = reader.read(_LOCAL_HEADER.size) or b""
    if len(found) < _LOCAL_HEADER.size or not found.startswith(_SIGNATURE):
        raise ValueError("no local header")
    _, name, extra = _LOCAL_HEADER.unpack(found)
    return cut(segments, header + _LOCAL_HEADER.size + name + extra, packed)


def _member(info: zipfile.ZipInfo, archive: str) -> Member:
    name = safe_name(_name(info), archive)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind and kind != stat.S_IFREG:
        raise SourceError(f"{archive} is refused: {name!r} is a link or a device")
    method = ENCRYPTED if info.flag_bits & _ENCRYPTED_FLAG else info.compress_type
    return Member(name, info.header_offset, info.compress_size, info.file_size, method, info.CRC)


def _name(info: zipfile.ZipInfo) -> str:
    """Korean Windows writes CP949 without saying so, which zipfile reads as CP437."""
    original = info.orig_filename
    if info.flag_bits & _UTF8_FLAG:
        return original
    try:
        raw = original.encode("cp437")
    except UnicodeEncodeError:
        return original
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return original
