"""Some samples of each source with their pictures, as training sees them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from PIL import Image

_COUNT = 3
_SIDE = 320
_COLUMNS = ["id", "images", "conversation"]


def write_examples(shard: Path, source: str, folder: Path) -> list[dict[str, Any]]:
    """Samples spread over a shard, with ``examples/<source>-<n>.jpg`` (longer side at most 320 pixels) of their first
    images written into the folder; none where there is no such shard.

    Returns:
        id, conversation, images (how many it has), picture (its path in the folder; None for text alone) of each.
    """
    rows = _rows(shard) if shard.is_file() else iter(())
    return [_example(row, f"examples/{source}-{number}.jpg", folder) for number, row in enumerate(rows)]


def _rows(shard: Path) -> Iterator[dict[str, Any]]:
    """Reads the row groups that hold the rows, not the shard."""
    with pq.ParquetFile(shard) as file:
        groups = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
        ends = np.cumsum(groups)
        for place in _spread(sum(groups)):
            group = int(np.searchsorted(ends, place, side="right"))
            table = file.read_row_group(group, columns=_COLUMNS)
            yield table.slice(place - (int(ends[group]) - groups[group]), 1).to_pylist()[0]


def _spread(rows: int) -> list[int]:
    count = min(_COUNT, rows)
    return [(2 * number + 1) * rows // (2 * count) for number in range(count)]


def _example(row: dict[str, Any], picture: str, folder: Path) -> dict[str, Any]:
    if row["images"]:
        _write_picture(row["images"][0]["bytes"], folder / picture)
    return {
        "id": row["id"],
        "conversation": row["conversation"],
        "images": len(row["images"]),
        "picture": picture if row["images"] else None,
    }


def _write_picture(data: bytes, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((_SIDE, _SIDE))
    picture.save(path, "JPEG", quality=85)
