"""Scores from stored answers; no model is needed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from components.evaluate.baselines import published_rows
from components.evaluate.differences import paired_difference
from components.evaluate.digests import items_digest
from components.evaluate.items import read_items
from components.evaluate.layouts import layout_of
from components.evaluate.parsers import PARSER_VERSION
from components.evaluate.paths import Paths
from components.evaluate.predictions import read_predictions, write_predictions
from components.evaluate.report import Difference, write_reports
from components.evaluate.rows import Row, Subject, Versions, measured_row
from components.evaluate.scores import latency
from components.evaluate.scores.figures import Settings
from components.evaluate.suite import missing_rows, unmeasured_rows
from components.params.schema import Params

SPEED = "speed"
_SPEED_PROMPT = "first-pictured-items-1"


@dataclass(frozen=True)
class _Benchmark:
    """A benchmark's items, read once for all subjects."""

    name: str
    items: pd.DataFrame
    digest: str


@dataclass(frozen=True)
class _Rated:
    """A subject's answers to a benchmark with each item's score, and the rows over them."""

    predictions: pd.DataFrame
    mean_metric: str | None
    rows: list[Row]


def score(params: Params, paths: Paths) -> None:
    """Score every subject's stored answers and write scores.json, metrics.json and scores.csv."""
    settings = Settings(params.evaluate.confidence, params.evaluate.resamples, params.seed)
    benchmarks = [
        _Benchmark(name, read_items(file), items_digest(file)) for name, file in paths.benchmark_files().items()
    ]
    subjects: list[str] = list(params.evaluate.subjects)
    rows: list[Row] = []
    differences: list[Difference] = []
    for benchmark in benchmarks:
        rated = {name: _rate(name, benchmark, paths, settings) for name in subjects}
        rows += [row for found in rated.values() for row in found.rows]
        differences += _differences(benchmark, rated, settings)
    rows += [row for name in subjects for row in _speed_rows(name, paths, settings)]
    ingested = {benchmark.name for benchmark in benchmarks}
    rows += [*unmeasured_rows(subjects, ingested), *published_rows(ingested)]
    write_reports([*rows, *missing_rows(rows)], differences, paths)


def _rate(subject: str, benchmark: _Benchmark, paths: Paths, settings: Settings) -> _Rated:
    """Score one file of answers, and write what was read from each answer back into it."""
    file = paths.predictions / subject / f"{benchmark.name}.parquet"
    predictions, provenance = read_predictions(file)
    if provenance.items != benchmark.digest:
        raise ValueError(f"{file}: answers to other items than {benchmark.name} now has; run `dvc repro evaluate`")
    answers = benchmark.items.merge(predictions[["item_id", "response"]], on="item_id", validate="one_to_one")
    if len(answers) != len(benchmark.items):
        raise ValueError(f"{file}: {len(answers)} answers to {len(benchmark.items)} items; run `dvc repro evaluate`")
    layout = layout_of(benchmark.items, benchmark.name)
    scored = layout.score(answers, settings)
    filled = predictions.set_index("item_id").loc[answers["item_id"]].reset_index()
    filled = filled.assign(parsed=scored.parsed, score=scored.item_scores)
    write_predictions(file, filled, provenance)
    who = Subject(
        subject,
        benchmark.name,
        layout.category,
        Versions(provenance.prompt, PARSER_VERSION, provenance.decoding),
        f"all items, {provenance.dtype}, intervals at {settings.confidence:.0%}",
    )
    return _Rated(filled, scored.mean_metric, [measured_row(who, figure) for figure in scored.figures])


def _differences(benchmark: _Benchmark, rated: dict[str, _Rated], settings: Settings) -> list[Difference]:
    second, first = rated.get("finetune"), rated.get("pretrain")
    if second is None or first is None or second.mean_metric is None:
        return []
    groups = benchmark.items.set_index("item_id")["group"]
    change = paired_difference(second.predictions, first.predictions, groups, settings)
    return [Difference(benchmark.name, second.mean_metric, change)]


def _speed_rows(subject: str, paths: Paths, settings: Settings) -> list[Row]:
    measured = json.loads(speed_file(paths.predictions, subject).read_text(encoding="utf-8"))
    who = Subject(
        subject,
        SPEED,
        "latency",
        Versions(_SPEED_PROMPT, "none", f"greedy, exactly {measured['new_tokens']} new tokens"),
        f"batch {measured['batch']}, {measured['dtype']}, {measured['device']}; with a picture",
    )
    return [measured_row(who, figure) for figure in latency.score(measured, settings)]


def speed_file(predictions: Path, subject: str) -> Path:
    """Where a subject's timings lie."""
    return predictions / subject / f"{SPEED}.json"
