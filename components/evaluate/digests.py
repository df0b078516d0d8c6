"""Digests of what an answer depends on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq

_ROWS_AT_ONCE = 64


def items_digest(file: Path) -> str:
    """SHA-256 over what a model is shown, item by item; never all pictures in memory."""
    digest = hashlib.sha256()
    for batch in pq.ParquetFile(file).iter_batches(_ROWS_AT_ONCE, columns=["item_id", "prompt", "image"]):
        for row in batch.to_pylist():
            picture = row["image"]["bytes"] if row["image"] else b""
            for part in (row["item_id"].encode(), row["prompt"].encode(), picture):
                digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a model folder's files."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(folder)).encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
