"""Scores of a run and of its baselines, and when two of them may be set against each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from dashboards.records.files import Record
from dashboards.records.problem import RecordError
from dashboards.records.tables import read_json

PATH = "artifacts/evaluate/scores.json"
METRICS = "reports/evaluate/metrics.json"
CHANGES = "finetune_minus_pretrain"
BASELINE = "KoLLaVA-7B"
FINETUNE = "finetune"
PRETRAIN = "pretrain"
CATEGORIES = ("closed", "open", "latency", "captioning", "ocr", "culture")
Status = Literal["measured", "published", "missing", "not run"]
# Why there is no difference; the catalogue of texts has a phrase for each.
Obstacle = Literal["no row", "missing", "not run", "published", "versions", "items", "no value"]


@dataclass(frozen=True)
class Score:
    """One figure with where it comes from. See evaluate's scores.json."""

    subject: str
    benchmark: str
    category: str
    metric: str
    status: Status
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    reason: str = ""
    source: str = ""
    condition: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    higher_is_better: bool = True
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def has_interval(self) -> bool:
        """Whether a 95 % interval stands beside the value."""
        return self.low is not None and self.high is not None


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


def read_scores(record: Record) -> list[Score]:
    """Every row of scores.json."""
    rows = read_json(record).get("scores")
    if not isinstance(rows, list):
        raise RecordError("damaged", record.name, "field 'scores' is not a list")
    return [_score(row, f"scores[{index}]", record.name) for index, row in enumerate(rows)]


def subjects(scores: list[Score]) -> list[str]:
    """Who was scored: stage 2, stage 1, the standing baseline, then the rest as they come."""
    found = dict.fromkeys(score.subject for score in scores)
    first = [name for name in (FINETUNE, PRETRAIN) if name in found]
    return [*first, BASELINE, *(name for name in found if name not in (FINETUNE, PRETRAIN, BASELINE))]


def lines(scores: list[Score]) -> list[tuple[str, str, str]]:
    """(category, benchmark, metric) of each line of a comparison, in the order of the suite."""
    keys = dict.fromkeys((score.category, score.benchmark, score.metric) for score in scores)
    return sorted(keys, key=lambda key: CATEGORIES.index(key[0]))


def lookup(scores: list[Score], subject: str, benchmark: str, metric: str) -> Score | None:
    """One subject's figure, measured here rather than published; None where there is no row."""
    wanted = (subject, benchmark, metric)
    found = [row for row in scores if (row.subject, row.benchmark, row.metric) == wanted]
    return min(found, key=lambda row: get_args(Status).index(row.status), default=None)


def read_changes(record: Record) -> dict[tuple[str, str], Change]:
    """Stage 2 minus stage 1 by (benchmark, metric), as evaluate computed it item by item."""
    benchmarks = read_json(record).get(CHANGES, {})
    try:
        return {
            (benchmark, metric): Change(change["value"], change.get("low"), change.get("high"), change["n"])
            for benchmark, metrics in benchmarks.items()
            for metric, change in metrics.items()
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise RecordError("damaged", record.name, f"field {CHANGES}: {type(error).__name__}: {error}") from error


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
    unequal = [
        name
        for name in sorted({*run.versions, *baseline.versions})
        if run.versions.get(name) != baseline.versions.get(name)
    ]
    if unequal:
        return Difference(None, "versions", ", ".join(unequal))
    if run.n is not None and baseline.n is not None and run.n != baseline.n:
        return Difference(None, "items", f"{run.n} / {baseline.n}")
    value = run.value - baseline.value
    better = None if value == 0 else (value > 0) == run.higher_is_better
    return Difference(value, better=better, overlapping=_overlap(run, baseline))


def _overlap(one: Score, other: Score) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high


def _score(row: Any, where: str, name: str) -> Score:
    if not isinstance(row, dict):
        raise RecordError("damaged", name, f"{where} is not an object")
    for key in ("subject", "benchmark", "category", "metric", "status"):
        if not isinstance(row.get(key), str):
            raise RecordError("damaged", name, f"{where}.{key} is not a text")
    for key, allowed in (("status", get_args(Status)), ("category", CATEGORIES)):
        if row[key] not in allowed:
            raise RecordError("damaged", name, f"{where}.{key} is {row[key]!r}, not one of {', '.join(allowed)}")
    for key in ("value", "low", "high", "n"):
        value = row.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise RecordError("damaged", name, f"{where}.{key} is not a number")
    known = {key: row[key] for key in Score.__dataclass_fields__ if row.get(key) is not None}
    return Score(**known)
