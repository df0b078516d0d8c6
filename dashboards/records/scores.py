"""Scores of a run and of the models beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from dashboards.records.files import Record
from dashboards.records.problem import RecordError
from dashboards.records.tables import read_json

PATH = "artifacts/evaluate/scores.json"
BASELINE = "KoLLaVA-7B"
FINETUNE = "finetune"
PRETRAIN = "pretrain"
LATENCY = "latency"
CATEGORIES = ("closed", "open", LATENCY, "captioning", "ocr", "culture")
Status = Literal["measured", "published", "missing", "not run"]
_SITUATIONS = ("_batched", "_without_image")


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

    @property
    def is_usual(self) -> bool:
        """Whether this is no speed of a special situation: several questions at once, or without a picture."""
        return self.category != LATENCY or not self.metric.endswith(_SITUATIONS)

    @property
    def chance(self) -> float | None:
        """What guessing gets; None where that is not known."""
        value = self.details.get("chance")
        return value if _is_number(value) else None

    @property
    def without_leaks(self) -> Score | None:
        """The same figure over the items that training does not show; None where training shows none."""
        figure = self.details.get("without_leaks")
        return self._part(figure) if figure else None

    @property
    def categories(self) -> dict[str, Score]:
        """The same figure by category of item; empty where all are of one."""
        return {name: self._part(figure) for name, figure in self.details.get("categories", {}).items()}

    def _part(self, figure: dict[str, Any]) -> Score:
        value, low, high, n = (figure.get(key) for key in ("value", "low", "high", "n"))
        return replace(self, value=value, low=low, high=high, n=n, details={})


@dataclass(frozen=True)
class Scores:
    """All figures of a run."""

    rows: list[Score]
    main: str = FINETUNE
    """The run's own model, which the others are set against."""
    labels: dict[str, str] = field(default_factory=dict)
    """What a model is that its name does not say."""


def read_scores(record: Record) -> Scores:
    """scores.json, checked. Older ones name neither the main model nor labels."""
    content = read_json(record)
    rows, main, labels = content.get("scores"), content.get("main", FINETUNE), content.get("labels", {})
    if not isinstance(rows, list):
        raise RecordError("damaged", record.name, "field 'scores' is not a list")
    if not isinstance(main, str):
        raise RecordError("damaged", record.name, "field 'main' is not a text")
    if not isinstance(labels, dict) or not all(isinstance(label, str) for label in labels.values()):
        raise RecordError("damaged", record.name, "field 'labels' is not an object of texts")
    return Scores([_score(row, f"scores[{index}]", record.name) for index, row in enumerate(rows)], main, labels)


def rivals(scores: Scores) -> list[str]:
    """Whom the run's own model can be set against: those measured here, then the others.

    The standing baseline is always among them, and the first of its kind.
    """
    measured = {row.subject for row in scores.rows if row.status == "measured"}
    names = dict.fromkeys([*(row.subject for row in scores.rows), BASELINE])
    others = [name for name in names if name != scores.main]
    return sorted(others, key=lambda name: (name not in measured, name != BASELINE))


def lines(rows: Sequence[Score]) -> list[tuple[str, str, str]]:
    """(category, benchmark, metric) of each line of a comparison, in the order of the suite."""
    keys = dict.fromkeys((score.category, score.benchmark, score.metric) for score in rows)
    return sorted(keys, key=lambda key: CATEGORIES.index(key[0]))


def lookup(rows: Sequence[Score], subject: str, benchmark: str, metric: str) -> Score | None:
    """One subject's figure, measured here rather than published; None where there is no row."""
    wanted = (subject, benchmark, metric)
    found = [row for row in rows if (row.subject, row.benchmark, row.metric) == wanted]
    return min(found, key=lambda row: get_args(Status).index(row.status), default=None)


def _score(row: Any, where: str, name: str) -> Score:
    if not isinstance(row, dict):
        raise RecordError("damaged", name, f"{where} is not an object")
    for problem in (*_wrong_texts(row), *_wrong_numbers(row), *_wrong_details(row)):
        raise RecordError("damaged", name, f"{where}.{problem}")
    known = {key: row[key] for key in Score.__dataclass_fields__ if row.get(key) is not None}
    return Score(**known)


def _wrong_texts(row: dict[str, Any]) -> Iterator[str]:
    for key in ("subject", "benchmark", "category", "metric", "status"):
        if not isinstance(row.get(key), str):
            yield f"{key} is not a text"
    for key, allowed in (("status", get_args(Status)), ("category", CATEGORIES)):
        if row.get(key) not in allowed:
            yield f"{key} is {row.get(key)!r}, not one of {', '.join(allowed)}"


def _wrong_numbers(row: dict[str, Any]) -> Iterator[str]:
    for key in ("value", "low", "high", "n"):
        if row.get(key) is not None and not _is_number(row[key]):
            yield f"{key} is not a number"


def _wrong_details(row: dict[str, Any]) -> Iterator[str]:
    details = row.get("details", {})
    if not isinstance(details, dict):
        yield "details is not an object"
        return
    parts = details.get("categories", {})
    if not isinstance(parts, dict):
        yield "details.categories is not an object"
        return
    for name, figure in {**parts, "without_leaks": details.get("without_leaks", {})}.items():
        if not isinstance(figure, dict):
            yield f"details: {name} is not an object"
        else:
            yield from (f"details: {name}: {problem}" for problem in _wrong_numbers(figure))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
