"""The data card: how many samples from which source, under which licence, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
PARTS = ("source", "samples", "epoch", "tokens", "sample_share", "token_share", "times_shown")
LEAKS = (
    "benchmark",
    "items",
    "same_image",
    "near_image",
    "same_question",
    "samples",
    "removed",
    "questions_also_in_training",
)
DUPLICATES = ("exact", "near", "removed")
COMMERCIAL = ("yes", "no", "ask")
PICTURES = r"mixture\.png|examples/[^/()]+\.jpg"


@dataclass(frozen=True)
class DataCard:
    """card.json as tables.

    sources: stage, source, licence, read, kept, refused. samples: stage, source, split, samples.
    reasons: source, reason, count. benchmarks: benchmark, items, images_also_in_training.
    Empty where the card is older than they are: mixture: stage and PARTS. leaks: LEAKS. shared: source, earlier,
    images. licences: licence, title, commercial (yes, no, ask), ko, en, link, sources (their names). duplicates: exact,
    near, removed.
    """

    sources: pd.DataFrame
    samples: pd.DataFrame
    reasons: pd.DataFrame
    benchmarks: pd.DataFrame
    mixture: pd.DataFrame
    leaks: pd.DataFrame
    shared: pd.DataFrame
    licences: pd.DataFrame
    duplicates: dict[str, int]


def read_card(record: Record) -> DataCard:
    """card.json, checked."""
    content = read_json(record)
    try:
        return _card(content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
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
        _mixture(content.get("mixture", {})),
        _table(content.get("leaks", []), LEAKS),
        _table(content.get("shared_images", []), ("source", "earlier", "images")),
        _licences(content.get("licences", {}), sources),
        {key: int(content["duplicates"][key]) for key in DUPLICATES} if "duplicates" in content else {},
    )


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame([{column: row[column] for column in columns} for row in rows], columns=list(columns))


def _mixture(stages: Mapping[str, Sequence[Mapping[str, Any]]]) -> pd.DataFrame:
    return _table([{"stage": stage, **part} for stage, parts in stages.items() for part in parts], ("stage", *PARTS))


def _licences(licences: Mapping[str, Mapping[str, Any]], sources: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    users = {name: [row["name"] for row in sources if row["licence"] == name] for name in licences}
    unknown = {entry["commercial"] for entry in licences.values()} - set(COMMERCIAL)
    if unknown:
        raise ValueError(f"commercial: {', '.join(map(str, unknown))}")
    rows = [
        {"licence": name, **entry, **entry["conditions"], "sources": ", ".join(users[name])}
        for name, entry in licences.items()
    ]
    return _table(rows, ("licence", "title", "commercial", "ko", "en", "link", "sources"))
