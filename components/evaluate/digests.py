"""Digests of what an answer depends on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

_ROWS_AT_ONCE = 64


def item_keys(file: Path) -> dict[str, str]:
    """A digest of what a model is shown (prompt and picture), by item id; never all pictures in memory."""
    keys = {}
    for batch in pq.ParquetFile(file).iter_batches(_ROWS_AT_ONCE, columns=["item_id", "prompt", "image"]):
        for row in batch.to_pylist():
            keys[row["item_id"]] = _digest(row["prompt"].encode(), image_key(row["image"]).encode())
    return keys


def items_digest(keys: dict[str, str]) -> str:
    """One digest for all items of a benchmark, in their order."""
    return _digest(*(f"{item} {key}".encode() for item, key in keys.items()))


def image_key(stored: dict[str, Any] | None) -> str:
    """A digest of an item's column ``image``; "" where there is none."""
    return hashlib.sha256(stored["bytes"]).hexdigest() if stored else ""


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
