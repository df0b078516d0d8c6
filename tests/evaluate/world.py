"""Small benchmarks and answers to them, written as ingest and predict write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.evaluate.digests import items_digest
from components.evaluate.paths import Paths
from components.evaluate.predictions import Provenance, write_predictions
from components.prompts.choice import k_dtcbench

_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_ITEMS = pa.schema([
    ("item_id", pa.string()), ("image", _IMAGE), ("prompt", pa.string()), ("reference", pa.string()),
    ("references", pa.list_(pa.string())), ("category", pa.string()), ("group", pa.string()),
    ("seen", pa.bool_()), ("layout", pa.string()),
])  # fmt: skip
QUESTION = k_dtcbench("무엇인가요?", ["사과", "배", "감", "귤"])


def item(item_id: str, reference: str, **more: Any) -> dict[str, Any]:
    """An item with the columns that a test does not care about filled in."""
    return {
        "item_id": item_id,
        "image": None,
        "prompt": QUESTION,
        "reference": reference,
        "references": [reference],
        "category": "과일",
        "group": "",
        "seen": True,
        "layout": "short-answer",
    } | more


def frame(responses: list[str], references: list[str], **columns: Any) -> pd.DataFrame:
    """Items with responses, as a scorer takes them."""
    rows = [item(f"{i:03d}", reference) for i, reference in enumerate(references)]
    return pd.DataFrame(rows).assign(response=responses, **columns)


def write_items(file: Path, rows: list[dict[str, Any]]) -> Path:
    """A benchmark's file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=_ITEMS), file)
    return file


def provenance(file: Path, weights: str = "w") -> Provenance:
    """How the test's answers came about."""
    return Provenance(items_digest(file), "test-1", "greedy", weights, "float32")


def write_answers(paths: Paths, subject: str, benchmark: str, responses: list[str]) -> None:
    """A subject's stored answers, as they are before scoring."""
    file = paths.benchmarks / f"{benchmark}.parquet"
    items = pq.read_table(file, columns=["item_id", "category"]).to_pandas()
    rows = items.assign(response=responses, seconds=0.1, tokens=3)
    write_predictions(paths.predictions / subject / f"{benchmark}.parquet", rows, provenance(file))


def write_speed(paths: Paths, subject: str) -> None:
    """A subject's timings: 31 tokens and 62 characters in a second after the first token."""
    timing = {"first": 0.1, "decode": 1.0, "total": 1.1, "tokens": 32, "characters": 64}
    measured = {"device": "test", "dtype": "float32", "batch": 1, "new_tokens": 32}
    timings = {"with_image": [timing] * 3, "without_image": [timing] * 3}
    file = paths.predictions / subject / "speed.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**measured, "timings": timings}), encoding="utf-8")
