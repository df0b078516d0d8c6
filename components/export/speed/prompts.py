"""Questions to time answers of: real items of the benchmarks."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow.parquet as pq
from PIL import Image

from components.stages.errors import UserError


class NothingToAsk(UserError):
    """No benchmark has an item with a picture."""


def read_prompts(benchmarks: Path, count: int) -> list[tuple[str, Image.Image]]:
    """Questions with their pictures, one of each benchmark in turn.

    Raises:
        NothingToAsk: if there is none.
    """
    tables = [_pictured(path, count) for path in sorted(benchmarks.glob("*.parquet"))]
    rows = [table[place] for place in range(count) for table in tables if place < len(table)]
    if not rows:
        raise NothingToAsk(f"no benchmark in {benchmarks} has an item with a picture: run `dvc repro ingest`")
    return [(row["prompt"], Image.open(io.BytesIO(row["image"]["bytes"])).convert("RGB")) for row in rows[:count]]


def _pictured(path: Path, count: int) -> list[dict]:
    found: list[dict] = []
    for batch in pq.ParquetFile(path).iter_batches(count, columns=["prompt", "image"]):
        found += [row for row in batch.to_pylist() if row["image"] is not None]
        if len(found) >= count:
            break
    return found[:count]
