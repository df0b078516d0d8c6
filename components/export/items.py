"""Pictures for calibration, and questions for comparing a bundle with the model it was made from."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from PIL import Image


@dataclass(frozen=True)
class Item:
    """One question, with its picture where it has one."""

    item_id: str
    question: str
    picture: Image.Image | None


def calibration_pictures(shards: Path, count: int) -> list[Image.Image]:
    """Pictures of the validation split: never of the test split, on which the bundle is judged."""
    pictures = []
    for path in sorted((shards / "validation").glob("*.parquet")):
        for images in pq.read_table(path, columns=["images"])["images"].to_pylist():
            pictures += [_open(image["bytes"]) for image in images or []]
    step = max(1, len(pictures) // count)
    return pictures[::step][:count]


def agreement_items(benchmarks: Path, count: int) -> list[Item]:
    """Questions spread evenly over all benchmarks."""
    tables = [pq.read_table(path).to_pylist() for path in sorted(benchmarks.glob("*.parquet"))]
    rows = list(_in_turn(tables))[:count]
    return [Item(row["item_id"], row["prompt"], _open(row["image"]["bytes"]) if row["image"] else None) for row in rows]


def _in_turn(tables: list[list[dict]]) -> Iterator[dict]:
    for index in range(max(map(len, tables), default=0)):
        yield from (table[index] for table in tables if index < len(table))


def _open(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB")
