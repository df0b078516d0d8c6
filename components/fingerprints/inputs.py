"""Digests of what a stage reads, without reading all of it: data can be larger than memory and patience."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

_END = 65536
"""Bytes that are read at either end of a file. A Parquet file says at its end what it holds; of weights that were
trained anew, all are different."""


def quick_digest(place: Path) -> str:
    """SHA-256 over names, sizes, first and last bytes of a file, or of all files in a folder; "": nothing is there."""
    digest, count = hashlib.sha256(), 0
    for path in _files(place):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(place).as_posix()} {size}\n".encode())
        with path.open("rb") as file:
            digest.update(file.read(_END))
            file.seek(max(0, size - _END))
            digest.update(file.read(_END))
        count += 1
    return digest.hexdigest() if count else ""


def _files(place: Path) -> Iterator[Path]:
    yield from (place,) if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
