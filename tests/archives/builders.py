"""Archives as they arrive, and as they must not."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

PHOTO = bytes(range(256)) * 40
"""Stands for a photo where nobody looks at it."""


def zip_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return stream.getvalue()


def tar_of(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    """A tar archive."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def parts_of(name: str, data: bytes, count: int) -> dict[str, bytes]:
    """An archive in parts ``<name>.part0`` and on, as AI Hub cuts them."""
    size = -(-len(data) // count)
    return {f"{name}.part{number}": data[number * size : (number + 1) * size] for number in range(count)}


def cp949_zip(name: str, data: bytes) -> bytes:
    """As Korean Windows writes it: CP949 bytes as the name, and no flag that says so."""
    raw = name.encode("cp949")
    return zip_of({"x" * len(raw): data}).replace(b"x" * len(raw), raw)


def linked_tar(kind: bytes, target: str) -> bytes:
    """A tar archive with a link or a device."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = kind, target
        archive.addfile(info)
    return stream.getvalue()


def linked_zip(target: str) -> bytes:
    """A zip archive with a symbolic link, as Info-ZIP stores them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, target)
    return stream.getvalue()


def bomb(size: int) -> bytes:
    """A zip archive of one member that unpacks to ``size`` zeros (a multiple of 100 MiB), and says so."""
    block = 100 * 1024**2
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = piece * (size // block) + zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    return one_member(b"zeros.jpg", packed, size)


def one_member(name: bytes, packed: bytes, size: int, crc: int = 0) -> bytes:
    """A zip archive whose member claims any size and checksum (zip64 where the size needs it)."""
    extra = struct.pack("<HHQQ", 1, 16, size, len(packed))
    fields = struct.pack("<HHHHHIIIHH", 45, 0, 8, 0, 33, crc, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
    local = b"PK\x03\x04" + fields + name + extra + packed
    central = b"PK\x01\x02" + struct.pack("<H", 45) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name + extra
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Loose files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
