"""When two figures may be set against each other, and what older runs recorded of their difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashboards.records.files import Record
from dashboards.records.problem import RecordError
from dashboards.records.scores import LATENCY, Score
from dashboards.records.tables import read_json

METRICS = "reports/evaluate/metrics.json"
# Why there is no difference; the catalogue of texts has a phrase for each.
Obstacle = Literal["no row", "missing", "not run", "published", "versions", "condition", "items", "no value"]


@dataclass(frozen=True)
class Change:
    """A paired difference over the items that both answered, with its 95 % interval."""

    value: float
    low: float | None
    high: float | None
    n: int

    @property
    def includes_zero(self) -> bool:
        """Whether the interval leaves open which side is better."""
        return self.low is not None and self.high is not None and self.low <= 0 <= self.high


@dataclass(frozen=True)
class Difference:
    """run - baseline, or the obstacle that forbids it with what it is about."""

    value: float | None
    obstacle: Obstacle | None = None
    detail: str = ""
    better: bool | None = None
    overlapping: bool = False
    """Whether the 95 % intervals of both figures overlap."""


def read_changes(record: Record, first: str, second: str) -> dict[tuple[str, str], Change]:
    """The first model's figures minus the second's by (benchmark, metric), as evaluate wrote them for DVC.

    Empty where it wrote none of these two.
    """
    name = f"{first}_minus_{second}"
    benchmarks = read_json(record).get(name, {})
    try:
        return {
            (benchmark, metric): Change(change["value"], change.get("low"), change.get("high"), change["n"])
            for benchmark, metrics in benchmarks.items()
            for metric, change in metrics.items()
            if "value" in change
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise RecordError("damaged", record.name, f"field {name}: {type(error).__name__}: {error}") from error


def difference(run: Score | None, baseline: Score | None) -> Difference:
    """run - baseline where both were measured here in the same way; otherwise why not."""
    for score in (run, baseline):
        if score is None:
            return Difference(None, "no row")
        if score.status != "measured":
            return Difference(None, score.status, score.subject)
        if score.value is None:
            return Difference(None, "no value", score.subject)
    assert run is not None and run.value is not None and baseline is not None and baseline.value is not None
    if obstacle := _unlike(run, baseline):
        return obstacle
    value = run.value - baseline.value
    better = None if value == 0 else (value > 0) == run.higher_is_better
    return Difference(value, better=better, overlapping=_overlap(run, baseline))


def _unlike(run: Score, baseline: Score) -> Difference | None:
    """What differs in how the two were measured."""
    names = sorted({*run.versions, *baseline.versions})
    unequal = [name for name in names if run.versions.get(name) != baseline.versions.get(name)]
    if unequal:
        return Difference(None, "versions", ", ".join(unequal))
    if run.category == LATENCY and run.condition != baseline.condition:
        return Difference(None, "condition", f"{run.condition} / {baseline.condition}")
    if run.n is not None and baseline.n is not None and run.n != baseline.n:
        return Difference(None, "items", f"{run.n} / {baseline.n}")
    return None


def _overlap(one: Score, other: Score) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high
