"""A benchmark's items as ingest wrote them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

_TEXT_COLUMNS = ["item_id", "prompt", "reference", "references", "category", "group", "seen", "layout"]


def read_items(file: Path) -> pd.DataFrame:
    """All but the pictures, in the file's order.

    Raises:
        ValueError: naming the file, if a column is missing, an item stands twice, or layouts are mixed.
    """
    missing = sorted({*_TEXT_COLUMNS, "image"} - set(pq.read_schema(file).names))
    if missing:
        raise ValueError(f"{file}: no column {', '.join(missing)}; run `dvc repro ingest`")
    items = pq.read_table(file, columns=_TEXT_COLUMNS).to_pandas()
    if items["item_id"].duplicated().any():
        twice = items.loc[items["item_id"].duplicated(), "item_id"].iloc[0]
        raise ValueError(f"{file}: item_id {twice!r} stands twice; give every item its own")
    if items["layout"].nunique() != 1:
        raise ValueError(f"{file}: column layout has {items['layout'].nunique()} values; a benchmark has one")
    items["references"] = [list(texts) if texts is not None else [] for texts in items["references"]]
    return items
