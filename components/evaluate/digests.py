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
