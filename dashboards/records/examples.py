"""Predictions beside the items they answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dashboards.records.files import Record
from dashboards.records.problem import RecordError
from dashboards.records.scores import Score
from dashboards.records.tables import read_parquet

BENCHMARKS = "artifacts/ingest/benchmarks"
PREDICTIONS = "artifacts/evaluate/predictions"


def benchmark_path(benchmark: str) -> str:
    """Where ingest puts a benchmark's items."""
    return f"{BENCHMARKS}/{benchmark}.parquet"


def prediction_path(subject: str, benchmark: str) -> str:
    """Where evaluate puts a subject's answers."""
    return f"{PREDICTIONS}/{subject}/{benchmark}.parquet"


def benchmarks_in(names: Sequence[str]) -> list[str]:
    """Names of the benchmarks among the files of a folder."""
    return sorted({name.rsplit("/", 1)[-1].removesuffix(".parquet") for name in names if name.endswith(".parquet")})


def subjects_in(names: Sequence[str]) -> list[str]:
    """Whose answers are among the files of PREDICTIONS."""
    return sorted({name.split("/")[-2] for name in names if name.endswith(".parquet")})


def read_items(record: Record) -> pd.DataFrame:
    """A benchmark's items without their pictures."""
    required = ["item_id", "prompt", "reference", "category"]
    return read_parquet(record, required, optional=["references", "group", "seen", "layout"])


def read_predictions(record: Record) -> pd.DataFrame:
    """A subject's answers, one row an item."""
    return read_parquet(record, ["item_id", "response", "parsed", "score"], optional=["seconds", "tokens"])


def read_images(record: Record, item_ids: Sequence[str]) -> dict[str, bytes]:
    """The encoded pictures of some items; an item without a picture is left out."""
    with record.open() as file:
        try:
            table = pq.read_table(file, columns=["item_id", "image"], filters=[("item_id", "in", list(item_ids))])
        except (pa.ArrowException, OSError) as error:
            raise RecordError("damaged", record.name, str(error).splitlines()[0]) from error
    return {row["item_id"]: row["image"]["bytes"] for row in table.to_pylist() if _has_bytes(row["image"])}


def join(items: pd.DataFrame, predictions: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Items with each subject's columns beside them, as <column>_<subject>."""
    joined = items
    for subject, table in predictions.items():
        answers = table.set_index("item_id").add_suffix(f"_{subject}")
        joined = joined.join(answers, on="item_id")
    return joined


def lower_is_better(rows: Sequence[Score], benchmark: str) -> bool:
    """Whether an item's score is an error rate."""
    return any(not row.higher_is_better for row in rows if row.benchmark == benchmark)


def is_binary(table: pd.DataFrame) -> bool:
    """Whether items' scores are 1 or 0 throughout, rather than degrees."""
    columns = [name for name in table.columns if name.startswith("score_")]
    return {value for name in columns for value in table[name].dropna().unique()} <= {0.0, 1.0}


def ahead(table: pd.DataFrame, first: str, second: str, lower: bool) -> pd.Series:
    """Items on which the first model's score is better than the second's. ``lower``: the lower score is better."""
    mine, other = table[f"score_{first}"], table[f"score_{second}"]
    return mine < other if lower else mine > other


def _has_bytes(image: Any) -> bool:
    return isinstance(image, dict) and bool(image.get("bytes"))
