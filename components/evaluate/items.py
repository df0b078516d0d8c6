"""A benchmark's items as ingest wrote them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from components.stages.errors import Unusable

_TEXT_COLUMNS = [
    "item_id",
    "prompt",
    "reference",
    "references",
    "options",
    "context",
    "category",
    "group",
    "seen",
    "layout",
    "prompt_version",
]
_ONE_VALUE = ("layout", "prompt_version")


def read_items(file: Path) -> pd.DataFrame:
    """All but the pictures, in the file's order.

    Raises:
        Unusable: naming the file, if a column is missing, an item stands twice, or layouts or wordings are mixed.
    """
    missing = sorted({*_TEXT_COLUMNS, "image"} - set(pq.read_schema(file).names))
    if missing:
        raise Unusable(f"{file}: no column {', '.join(missing)}; run `dvc repro ingest`")
    items = pq.read_table(file, columns=_TEXT_COLUMNS).to_pandas()
    if items["item_id"].duplicated().any():
        twice = items.loc[items["item_id"].duplicated(), "item_id"].iloc[0]
        raise Unusable(f"{file}: item_id {twice!r} stands twice; give every item its own")
    for column in _ONE_VALUE:
        if items[column].nunique() != 1:
            raise Unusable(f"{file}: column {column} has {items[column].nunique()} values; a benchmark has one")
    for column in ("references", "options"):
        items[column] = [list(texts) if texts is not None else [] for texts in items[column]]
    return items
