"""Small benchmarks and answers to them, written as ingest and predict write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.evaluate.digests import item_keys, items_digest
from components.evaluate.paths import Paths
from components.evaluate.predict.predictions import Provenance, write_predictions
from components.ingest.benchmarks import ITEMS
from components.ingest.selection.overlap import OVERLAP


def write_items(file: Path, rows: list[dict[str, Any]]) -> Path:
    """A benchmark's file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=ITEMS), file)
    return file


def provenance(file: Path, weights: str = "w", decoding: str = "greedy") -> Provenance:
    """How the test's answers came about."""
    return Provenance(items_digest(item_keys(file)), "test-1", decoding, weights, "fp32")


def write_answers(paths: Paths, subject: str, benchmark: str, responses: list[str], **how: str) -> None:
    """A subject's stored answers, as they are before scoring."""
    file = paths.benchmarks / f"{benchmark}.parquet"
    items = pq.read_table(file, columns=["item_id", "category"]).to_pandas()
    rows = items.assign(response=responses, seconds=0.1, tokens=3)
    write_predictions(paths.predictions / subject / f"{benchmark}.parquet", rows, provenance(file, **how))


def write_leaks(paths: Paths, rows: list[dict[str, Any]]) -> None:
    """What ingest found in training data, too."""
    paths.leaks.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(pd.DataFrame(rows, columns=OVERLAP.names), schema=OVERLAP), paths.leaks)


def write_speed(paths: Paths, subject: str, decode: float = 1.0) -> None:
    """A subject's timings: 31 tokens and 62 characters in ``decode`` seconds after the first token."""
    timing = {"first": 0.1, "decode": decode, "total": 0.1 + decode, "tokens": 32, "characters": 64, "answers": 1}
    many = timing | {"characters": 256, "answers": 4}
    cells = [
        {"is_pictured": is_pictured, "batch": batch, "timings": [timing if batch == 1 else many] * 3}
        for is_pictured in (True, False)
        for batch in (1, 4)
    ]
    measured = {"device": "test", "precision": "fp32", "new_tokens": 32, "warmup": 1, "cells": cells}
    file = paths.predictions / subject / "speed.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(measured), encoding="utf-8")
