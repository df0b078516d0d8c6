"""Figures with their intervals."""

from __future__ import annotations

from components.evaluate.comparison.results import Figure
from components.evaluate.statistics.intervals import interval
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure


def figure(measure: Measure, settings: Settings) -> Figure:
    """A measure's value and interval."""
    return Figure(measure.value, *interval(measure, settings))
