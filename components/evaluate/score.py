"""Scores and comparisons from stored answers and judgements; neither a model nor a judge is needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from components.evaluate.comparison.answers import Answers
from components.evaluate.comparison.compare import compare
from components.evaluate.comparison.corrected import corrected
from components.evaluate.comparison.leaks import LeakEffect, leak_effect
from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.results import Comparison, Refusal
from components.evaluate.figures import quality_rows, speed_rows
from components.evaluate.judging import NO_JUDGE
from components.evaluate.paths import Paths
from components.evaluate.published.suite import missing_rows, unmeasured_rows
from components.evaluate.published.table import published_rows
from components.evaluate.rated import Bench, Rated, rate, read_benches
from components.evaluate.report import write_reports
from components.evaluate.sentence_model import find_sentence_model
from components.evaluate.statistics.settings import Settings as Statistics
from components.evaluate.subjects import subject_names
from components.params.schema import Params
from components.scoring.settings import Settings
from components.stages.errors import Missing

SPEED_FILE = "speed.json"


def score(params: Params, paths: Paths) -> None:
    """Score everyone's stored answers, compare the last subject with everyone else, and write all reports."""
    settings = params.evaluate
    statistics = Statistics(settings.confidence, settings.resamples, params.seed)
    names, benches, scoring = subject_names(settings), read_benches(paths), scoring_settings(params, paths)
    rated = [{name: rate(name, bench, paths, scoring) for name in names} for bench in benches]
    rows = [row for found in rated for one in found.values() for row in quality_rows(one, statistics)]
    rows += [row for name in names for row in speed_rows(name, _speed(paths, name), statistics)]
    ingested = {bench.name for bench in benches}
    rows += [*unmeasured_rows(names, ingested), *published_rows(ingested)]
    rows += missing_rows(rows)
    main = settings.subjects[-1]
    results = [result for found in rated for result in _compared(found, main, statistics)]
    leaks = [_leaks(bench, list(found.values()), statistics) for bench, found in zip(benches, rated, strict=True)]
    labels = {baseline.name: baseline.label for baseline in settings.baselines if baseline.label}
    write_reports(Contents(corrected(results), rows, leaks, labels, statistics), main, paths)


def scoring_settings(params: Params, paths: Paths) -> Settings:
    """What scoring needs beside items and answers."""
    judge = params.evaluate.judge
    model = find_sentence_model(params.evaluate.sentence_model, paths.scratch)
    if judge is None:
        return Settings(sentence_model=model, no_judge=NO_JUDGE)
    return Settings(sentence_model=model, min_coverage=judge.min_coverage)


def speed_file(predictions: Path, subject: str) -> Path:
    """Where a subject's timings lie."""
    return predictions / subject / SPEED_FILE


def _speed(paths: Paths, subject: str) -> dict[str, Any]:
    file = speed_file(paths.predictions, subject)
    if not file.is_file():
        raise Missing(f"no timings in {file}: run `dvc repro evaluate`, without --score-only")
    return json.loads(file.read_text(encoding="utf-8"))


def _compared(rated: dict[str, Rated], main: str, settings: Statistics) -> list[Comparison | Refusal]:
    others = [name for name in rated if name != main]
    return [result for name in others for result in compare(_answers(rated[main]), _answers(rated[name]), settings)]


def _leaks(bench: Bench, rated: Sequence[Rated], settings: Statistics) -> LeakEffect:
    return leak_effect(bench.name, bench.leaks, rated[0].leaked, [_answers(one) for one in rated], settings)


def _answers(rated: Rated) -> Answers:
    return Answers(rated.subject, rated.bench.name, asdict(rated.versions), rated.scored.measures)
