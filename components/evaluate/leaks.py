"""Items that show what training shows, too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from components.stages.errors import Missing


@dataclass(frozen=True)
class Leaks:
    """A benchmark's overlap with the training data, as ingest found it."""

    items: int
    """All items of the benchmark."""
    found: int
    """Items whose image (or question, for text-only items) stood in the data before any was removed."""
    kinds: dict[str, int]
    """Of these by kind of likeness: same image, near image, same id, same question."""
    left: frozenset[str]
    """Items that training still shows."""


def read_leaks(file: Path, benchmark: str, items: int) -> Leaks:
    """The overlap of one benchmark.

    Raises:
        Missing: if ingest has not written it.
    """
    if not file.is_file():
        raise Missing(f"no {file}: run `dvc repro ingest`")
    table: pd.DataFrame = pq.read_table(file).to_pandas()
    own = table[table["benchmark"] == benchmark]
    left = own.loc[own["training"] > 0, "item_id"]
    kinds = own.groupby("kind")["item_id"].nunique()
    return Leaks(items, own["item_id"].nunique(), {str(k): int(n) for k, n in kinds.items()}, frozenset(left))
