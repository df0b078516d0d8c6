"""A model's answers to a benchmark, scored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from components.benchmarks.benchmark import Benchmark
from components.benchmarks.catalogue import find_benchmark
from components.evaluate.digests import item_keys, items_digest
from components.evaluate.items import read_items
from components.evaluate.judgements import read_judgements
from components.evaluate.leaks import Leaks, read_leaks
from components.evaluate.paths import Paths
from components.evaluate.predict.predictions import Provenance, read_predictions, write_predictions
from components.evaluate.rows import Versions
from components.scoring.measure import Scored
from components.scoring.settings import Settings
from components.stages.errors import Unusable

_SHOWN = 12  # digits of a digest


@dataclass(frozen=True)
class Bench:
    """A benchmark with its items, read once for all models."""

    name: str
    kind: Benchmark
    items: pd.DataFrame
    digest: str
    leaks: Leaks


@dataclass(frozen=True)
class Rated:
    """What a model's answers to a benchmark are worth."""

    subject: str
    bench: Bench
    scored: Scored
    versions: Versions
    precision: str

    @property
    def leaked(self) -> set[str]:
        """Clusters of which training still shows an item."""
        own = self.bench.items[self.bench.items["item_id"].isin(self.bench.leaks.left)]
        return set(own["group"].where(own["group"] != "", own["item_id"]))


def read_benches(paths: Paths) -> list[Bench]:
    """Every benchmark that ingest wrote."""
    return [_bench(name, file, paths) for name, file in paths.benchmark_files().items()]


def rate(subject: str, bench: Bench, paths: Paths, settings: Settings) -> Rated:
    """Score one file of answers, and write what was read from each answer back into it.

    Raises:
        Missing: if there are no answers.
        Unusable: if they are answers to other items.
    """
    file = paths.predictions / subject / f"{bench.name}.parquet"
    predictions, provenance = read_predictions(file)
    answers = _answers(bench, file, predictions, provenance)
    judge = "none"
    if bench.kind.judge_template and not settings.no_judge:
        judgements, judge = read_judgements(paths.judgements / subject / f"{bench.name}.parquet")
        answers = answers.merge(judgements, on="item_id", validate="one_to_one")
    scored = bench.kind.score(answers, settings)
    filled = predictions.set_index("item_id").loc[answers["item_id"]].reset_index()
    write_predictions(file, filled.assign(parsed=scored.parsed, score=scored.item_scores), provenance)
    return Rated(subject, bench, scored, _versions(bench, provenance, judge), provenance.precision)


def rate_unjudged(subject: str, bench: Bench, file: Path, settings: Settings) -> Rated:
    """Score one file of answers to a benchmark that needs no judge, leaving the file as it is.

    Raises:
        Missing: if there are no answers.
        Unusable: if they are answers to other items.
    """
    predictions, provenance = read_predictions(file)
    scored = bench.kind.score(_answers(bench, file, predictions, provenance), settings)
    return Rated(subject, bench, scored, _versions(bench, provenance, "none"), provenance.precision)


def _answers(bench: Bench, file: Path, predictions: pd.DataFrame, provenance: Provenance) -> pd.DataFrame:
    """Items with their responses."""
    if provenance.items != bench.digest:
        raise Unusable(f"{file}: answers to other items than {bench.name} now has; run `dvc repro evaluate`")
    answers = bench.items.merge(predictions[["item_id", "response"]], on="item_id", validate="one_to_one")
    if len(answers) != len(bench.items):
        raise Unusable(f"{file}: {len(answers)} answers to {len(bench.items)} items; run `dvc repro evaluate`")
    return answers


def _bench(name: str, file: Path, paths: Paths) -> Bench:
    items = read_items(file)
    kind = find_benchmark(items["layout"].iloc[0])
    return Bench(name, kind, items, items_digest(item_keys(file)), read_leaks(paths.leaks, name, len(items)))


def _versions(bench: Bench, provenance: Provenance, judge: str) -> Versions:
    parser = bench.kind.parser_version
    return Versions(bench.digest[:_SHOWN], provenance.prompt, parser, provenance.decoding, judge)
