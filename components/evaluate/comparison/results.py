"""What comes out of a comparison. All of it goes into JSON by dataclasses.asdict."""

from __future__ import annotations

from dataclasses import dataclass

from components.evaluate.statistics.paired import Difference, Paired


@dataclass(frozen=True)
class Figure:
    """One model's figure with its interval."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class CategoryDifference:
    """Two models on one category of a benchmark's units."""

    category: str
    units: int
    first: float | None
    second: float | None
    difference: Difference


@dataclass(frozen=True)
class Comparison:
    """Two models by one figure of one benchmark; differences are the first's figure minus the second's."""

    first: str
    second: str
    benchmark: str
    metric: str
    is_main: bool
    """Whether this is the figure that the benchmark is known by; only these are corrected together."""
    higher_is_better: bool
    first_figure: Figure
    second_figure: Figure
    paired: Paired
    p_adjusted: float | None
    """The p value corrected for all benchmarks of these two models; None for other figures than main ones."""
    categories: list[CategoryDifference]
    """Empty where all units are of one category."""
    fixed: list[str]
    """Units that the first model has right and the second wrong; for figures that are not right or wrong, those on
    which the first is better by the most."""
    broken: list[str]
    """The same the other way round."""
    versions: dict[str, str]


@dataclass(frozen=True)
class Refusal:
    """Two figures that were not measured in the same way."""

    first: str
    second: str
    benchmark: str
    metric: str
    what: dict[str, tuple[str, str]]
    """What differs: its name, and what it is for the first and for the second model."""
