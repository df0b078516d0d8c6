"""Figures with and without the items that training shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from components.evaluate.comparison.answers import Answers
from components.evaluate.comparison.figures import figure
from components.evaluate.comparison.results import Figure
from components.evaluate.leaks import Leaks
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure


@dataclass(frozen=True)
class LeakFigure:
    """A model's main figure on all units and on those that training does not show."""

    subject: str
    metric: str
    units: int
    all: Figure
    units_without: int
    without: Figure


@dataclass(frozen=True)
class LeakEffect:
    """A benchmark's overlap with the training data, and what it does to the figures."""

    benchmark: str
    items: int
    found: int
    """Items that the data showed before ingest removed any sample."""
    kinds: dict[str, int]
    """Of these by kind of likeness."""
    left: int
    """Items that training still shows."""
    figures: list[LeakFigure]


def without(measure: Measure, clusters: Collection[str]) -> Measure:
    """The figure over all but some clusters. (A macro mean's categories keep weights by the units that remain.)"""
    return replace(measure, units=measure.units[~measure.units["cluster"].isin(list(clusters))])


def leak_effect(
    benchmark: str, leaks: Leaks, clusters: Collection[str], answers: Sequence[Answers], settings: Settings
) -> LeakEffect:
    """Every model's main figure with and without the clusters that hold a leaked item.

    Args:
        benchmark: its name.
        leaks: as ingest found them.
        clusters: of the items ``leaks.left``: their groups, or themselves.
        answers: of all models to this benchmark; those without a figure are left out.
        settings: of the intervals.
    """
    figures = [_effect(answer, clusters, settings) for answer in answers if answer.measures]
    return LeakEffect(benchmark, leaks.items, leaks.found, leaks.kinds, len(leaks.left), figures)


def _effect(answers: Answers, clusters: Collection[str], settings: Settings) -> LeakFigure:
    main = answers.measures[0]
    rest = without(main, clusters)
    return LeakFigure(answers.subject, main.metric, main.n, figure(main, settings), rest.n, figure(rest, settings))
