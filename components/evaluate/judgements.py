"""Ratings of answers, as they stand beside the answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.evaluate.judge.cases import Case, Judged
from components.files.atomic import new_file
from components.stages.errors import Missing

_JUDGE = b"judge"
_SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("ratings", pa.list_(pa.list_(pa.float64()))),
        ("repeats", pa.list_(pa.int64())),
        ("asked", pa.int64()),
        ("failures", pa.string()),
    ]
)


def cases_of(items: pd.DataFrame, predictions: pd.DataFrame) -> list[Case]:
    """What a judge is shown of each item and its answer."""
    answers = items.merge(predictions[["item_id", "response"]], on="item_id", validate="one_to_one")
    return [
        Case(
            row["item_id"],
            {
                "caption": row["context"],
                "question": row["prompt"],
                "reference": row["reference"],
                "answer": row["response"],
            },
        )
        for row in answers.to_dict("records")
    ]


def write_judgements(file: Path, judged: Sequence[Judged], judge: str) -> None:
    """Write a Parquet file whole or not at all; ``judge`` tells whose ratings they are."""
    rows = [
        {
            "item_id": one.item_id,
            "ratings": one.ratings,
            "repeats": one.repeats,
            "asked": one.asked,
            "failures": json.dumps(dict(one.failures), ensure_ascii=False),
        }
        for one in judged
    ]
    table = pa.Table.from_pylist(rows, schema=_SCHEMA).replace_schema_metadata({_JUDGE: judge})
    with new_file(file) as part:
        pq.write_table(table, part)


def read_judgements(file: Path) -> tuple[pd.DataFrame, str]:
    """Columns item_id, ratings and asked, and who judged.

    Raises:
        Missing: if the answers were never judged.
    """
    if not file.is_file():
        raise Missing(f"no judgements in {file}: run `dvc repro evaluate`, without --score-only")
    table = pq.read_table(file)
    judge = (table.schema.metadata or {}).get(_JUDGE, b"").decode()
    rows = table.select(["item_id", "ratings", "asked"]).to_pylist()
    return pd.DataFrame(rows, columns=["item_id", "ratings", "asked"]), judge
