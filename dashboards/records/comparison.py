"""The paired comparisons of a run's own model with the others that were measured beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.records.files import Record
from dashboards.records.problem import RecordError
from dashboards.records.tables import read_json

FOLDER = "artifacts/evaluate/comparison"
PATH = f"{FOLDER}/comparison.json"
REPORTS = {"ko": f"{FOLDER}/report.ko.md", "en": f"{FOLDER}/report.md"}
PICTURES = r"comparison\.png"
# Benchmark and metric.
Line = tuple[str, str]


@dataclass(frozen=True)
class Estimate:
    """A difference with the interval of a resampling over items."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def includes_zero(self) -> bool:
        """Whether the interval leaves open which side is better."""
        return self.low is None or self.high is None or self.low <= 0 <= self.high


@dataclass(frozen=True)
class Comparison:
    """Two models by one figure of one benchmark: the first's minus the second's."""

    is_main: bool
    """Whether the benchmark is known by this figure; only these are tested together."""
    higher_is_better: bool
    difference: Estimate
    p_value: float | None
    p_adjusted: float | None
    """Corrected for all benchmarks of the two models; None for other figures than main ones."""
    wins: int
    """Units on which the first is better."""
    ties: int
    losses: int
    smallest_visible: float | None
    """The true difference that so many units show with 80 % power."""
    categories: dict[str, Estimate]

    def is_better(self, significance: float) -> bool | None:
        """Whether the first is better after the correction; None if neither is shown to be."""
        value, p = self.difference.value, self.p_adjusted
        if not value or p is None or p > significance:
            return None
        return (value > 0) == self.higher_is_better


@dataclass(frozen=True)
class Refusal:
    """Two figures that were not measured in the same way."""

    what: dict[str, tuple[str, str]]
    """What differs: its name, and what it is for the first and for the second model."""


@dataclass(frozen=True)
class Comparisons:
    """comparison.json."""

    significance: float
    """The p value from which on a difference is not shown."""
    pairs: dict[tuple[str, str], dict[Line, Comparison | Refusal]]
    """By first and second model."""

    def of(self, first: str, second: str) -> dict[Line, Comparison | Refusal]:
        """What was found about two models; empty if they were not compared."""
        return self.pairs.get((first, second), {})


def read_comparisons(record: Record) -> Comparisons:
    """comparison.json, checked."""
    content = read_json(record)
    pairs: dict[tuple[str, str], dict[Line, Comparison | Refusal]] = {}
    place = "settings"
    try:
        significance = 1 - float(content["settings"]["confidence"])
        for field, parse in _PARSERS.items():
            place = field
            for index, row in enumerate(content[field]):
                place = f"{field}[{index}]"
                pairs.setdefault((row["first"], row["second"]), {})[row["benchmark"], row["metric"]] = parse(row)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RecordError("damaged", record.name, f"{place}: {type(error).__name__}: {error}") from error
    return Comparisons(significance, pairs)


def _comparison(row: Mapping[str, Any]) -> Comparison:
    paired = row["paired"]
    return Comparison(
        bool(row["is_main"]),
        bool(row["higher_is_better"]),
        _estimate(paired["difference"]),
        _number(paired, "p_value"),
        _number(row, "p_adjusted"),
        int(paired["wins"]),
        int(paired["ties"]),
        int(paired["losses"]),
        _number(paired, "smallest_visible"),
        {part["category"]: _estimate(part["difference"]) for part in row["categories"]},
    )


def _refusal(row: Mapping[str, Any]) -> Refusal:
    return Refusal({name: (str(mine), str(other)) for name, (mine, other) in row["what"].items()})


_PARSERS: dict[str, Callable[[Mapping[str, Any]], Comparison | Refusal]] = {
    "comparisons": _comparison,
    "refusals": _refusal,
}


def _estimate(figure: Mapping[str, Any]) -> Estimate:
    return Estimate(*(_number(figure, key) for key in ("value", "low", "high")))


def _number(fields: Mapping[str, Any], key: str) -> float | None:
    value = fields[key]
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError(f"{key} is not a number")
    return value
