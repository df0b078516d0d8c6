"""The data card: how many samples from which source, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import pandas as pd

from dashboards.records.files import Record
from dashboards.records.tables import count_rows, read_parquet

CARD = "artifacts/ingest/card.md"
SHARDS = "artifacts/ingest/shards"
REJECTS = "artifacts/ingest/rejects.parquet"
SPLITS = ("train", "validation", "test")


def count_samples(records: Sequence[Record]) -> pd.DataFrame:
    """Samples by stage, source and split, from the shards themselves."""
    rows = []
    for record in records:
        stage, split, file = PurePosixPath(record.name).parts[-3:]
        source = file.removesuffix(".parquet").rpartition("-")[0]
        rows.append({"stage": stage, "source": source, "split": split, "samples": count_rows(record)})
    table = pd.DataFrame(rows, columns=["stage", "source", "split", "samples"])
    return table.groupby(["stage", "source", "split"], as_index=False)["samples"].sum()


def read_rejects(record: Record) -> pd.DataFrame:
    """Every refused sample with its reason, and where it came from."""
    return read_parquet(record, ["reason"], optional=["source", "split", "item_id", "sample_id", "detail"])
