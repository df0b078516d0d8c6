"""Which items are answered, and in which order: little is computed twice, and little is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from components.evaluate.digests import image_key
from components.evaluate.predict.run import Open

READ = ["item_id", "prompt", "image"]
"""Columns of a benchmark's file that are needed."""
BATCHES = 16
"""Items are put in order within so many batches, a window."""


def batches(left: Sequence[Open], size: int) -> Iterator[pa.Table]:
    """All open items, in order within each window; no more than that is in memory."""
    for window in _windows(left, size * BATCHES):
        items = in_order(window)
        yield from (items.slice(start, size) for start in range(0, items.num_rows, size))


def open_items(items: pa.Table, task: Open) -> pa.Table:
    """Without what is answered already; with columns ``benchmark``, ``image_key`` and ``is_letter``."""
    is_open = [item not in task.done for item in items["item_id"].to_pylist()]
    items = items.filter(pa.array(is_open, pa.bool_()))
    keys = [image_key(image) for image in items["image"].to_pylist()]
    more = {
        "benchmark": pa.array([task.benchmark] * len(keys), pa.string()),
        "image_key": pa.array(keys, pa.string()),
        "is_letter": pa.array([task.is_letter] * len(keys), pa.bool_()),
    }
    for name, column in more.items():
        items = items.append_column(name, column)
    return items


def in_order(items: pa.Table) -> pa.Table:
    """Letters apart, pictures apart, short prompts first, but the questions about a picture together."""
    table = pd.DataFrame(
        {
            "is_letter": items["is_letter"].to_pylist(),
            "image_key": items["image_key"].to_pylist(),
            "length": pc.utf8_length(items["prompt"]).to_numpy(),
        }
    )
    table["is_pictured"] = table["image_key"] != ""
    table["group"] = table["length"].where(~table["is_pictured"])
    table["group"] = table["group"].fillna(table.groupby("image_key")["length"].transform("max"))
    order = table.sort_values(["is_letter", "is_pictured", "group", "image_key", "length"], kind="stable").index
    return items.take(pa.array(np.asarray(order)))


def _windows(left: Sequence[Open], size: int) -> Iterator[pa.Table]:
    """Open items of all benchmarks, ``size`` at a time."""
    held: list[pa.Table] = []
    for task in left:
        for part in pq.ParquetFile(task.items).iter_batches(size, columns=READ):
            held.append(open_items(pa.Table.from_batches([part]), task))
            while sum(table.num_rows for table in held) >= size:
                joined = pa.concat_tables(held)
                yield joined.slice(0, size)
                held = [joined.slice(size)]
    if any(table.num_rows for table in held):
        yield pa.concat_tables(held)
