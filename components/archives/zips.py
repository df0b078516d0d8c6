"""Zip archives: what is in them, and one member's bytes."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Sequence
from typing import IO

from components.archives.errors import SourceError
from components.archives.member import Member, is_rubbish, refuse_bombs, safe_name
from components.archives.segments import HeaderReader, Segment, SegmentReader, cut

_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"
_END, _END64 = b"PK\x05\x06", b"PK\x06\x06"
_RECORD64 = 56 + 20
"""Bytes of the record that large archives have before their end, and of what points to it."""
_SHORTEST_END = 22
"""Bytes: all that an empty archive consists of."""
_LONGEST_END = _RECORD64 + _SHORTEST_END + 2**16
_COUNT_WRAPS = 2**16
"""Archives without that record keep the number of their members modulo this."""
_LONGEST_DIRECTORY = 512 * 1024**2
"""Bytes: about five million members."""
ENCRYPTED = -1
"""Stands for the method of members that need a password."""


def list_zip(segments: Sequence[Segment], archive: str) -> list[Member]:
    """The files of a zip archive.

    Raises:
        SourceError: naming the archive, if it is damaged or must not be read.
    """
    size = sum(segment.length for segment in segments)
    with HeaderReader(segments, _LONGEST_DIRECTORY) as stream:
        infos = _infos(stream, size, archive)
    members = [_member(info, archive) for info in infos if not _is_folder(info, archive)]
    if any(member.start < 0 or member.start + _LOCAL_HEADER.size + member.packed > size for member in members):
        raise SourceError(_damaged(archive))
    refuse_bombs(members, size, archive)
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


def _infos(stream: HeaderReader, size: int, archive: str) -> list[zipfile.ZipInfo]:
    """What the central directory says."""
    try:
        with zipfile.ZipFile(stream) as opened:
            infos = opened.infolist()
            declared = _declared(stream, size)
    except Exception:  # damaged headers let it fail in more ways than by its own errors
        raise SourceError(_damaged(archive)) from None
    hides_all = not infos and size > _SHORTEST_END
    if hides_all or declared % _COUNT_WRAPS != len(infos) % _COUNT_WRAPS:
        raise SourceError(_damaged(archive))
    return infos


def _declared(stream: IO[bytes], size: int) -> int:
    """How many members there should be: the library does not look, and damage can make one entry hide others."""
    stream.seek(max(size - _LONGEST_END, 0))
    tail = stream.read()
    end = tail.rfind(_END)
    record = tail[max(end - _RECORD64, 0) : end]
    if record.startswith(_END64):
        return int(struct.unpack_from("<Q", record, 32)[0])
    return int(struct.unpack_from("<H", tail, end + 10)[0])


def _damaged(archive: str) -> str:
    return f"{archive} is not a whole zip archive: fetch it again, or join its parts"


def _is_folder(info: zipfile.ZipInfo, archive: str) -> bool:
    is_folder = info.filename.endswith("/")  # is_dir() fails for names without a character
    if is_folder and info.file_size:
        raise SourceError(f"{archive} is refused: {info.filename!r} is a folder that holds bytes")
    return is_folder


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
