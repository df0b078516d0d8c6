"""The data card: how many samples from which source, under which licence, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboards.records.files import Record
from dashboards.records.problem import RecordError
from dashboards.records.tables import read_json, read_parquet

CARD = "artifacts/ingest/card.json"
CARD_TEXT = "artifacts/ingest/card.md"
REJECTS = "artifacts/ingest/rejects.parquet"
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class DataCard:
    """card.json as tables.

    sources: stage, source, licence, read, kept, refused. samples: stage, source, split, samples.
    reasons: source, reason, count. benchmarks: benchmark, items, images_also_in_training.
    """

    sources: pd.DataFrame
    samples: pd.DataFrame
    reasons: pd.DataFrame
    benchmarks: pd.DataFrame


def read_card(record: Record) -> DataCard:
    """card.json, checked."""
    content = read_json(record)
    try:
        return _card(content)
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordError("damaged", record.name, f"{type(error).__name__}: {error}") from error


def read_rejects(record: Record) -> pd.DataFrame:
    """Every refused sample with its reason, and where it came from."""
    return read_parquet(record, ["reason"], optional=["source", "id"])


def _card(content: dict[str, Any]) -> DataCard:
    sources = content["sources"]
    columns = ["stage", "source", "licence", "read", "kept", "refused"]
    facts = [{"source": row["name"], **{key: row.get(key) for key in columns if key != "source"}} for row in sources]
    samples = [
        {"stage": row["stage"], "source": row["name"], "split": split, "samples": int(count["samples"])}
        for row in sources
        for split, count in row["splits"].items()
    ]
    reasons = [
        {"source": row["name"], "reason": reason, "count": int(count)}
        for row in sources
        for reason, count in row["reasons"].items()
    ]
    benchmarks = [
        {
            "benchmark": row["name"],
            "items": row["items"],
            "images_also_in_training": row.get("images_also_in_training"),
        }
        for row in content.get("benchmarks", [])
    ]
    return DataCard(
        pd.DataFrame(facts, columns=columns),
        pd.DataFrame(samples, columns=["stage", "source", "split", "samples"]),
        pd.DataFrame(reasons, columns=["source", "reason", "count"]),
        pd.DataFrame(benchmarks, columns=["benchmark", "items", "images_also_in_training"]),
    )
