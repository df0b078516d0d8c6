"""From scored answers and timings to rows of scores.json."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from components.evaluate.comparison.compare import figure
from components.evaluate.comparison.leaks import without
from components.evaluate.latency.rates import HIGHER_IS_BETTER, cell_name, percentiles, rates, read_cells, suffix
from components.evaluate.latency.timing import PROMPTS
from components.evaluate.rated import Rated
from components.evaluate.rows import Row, Versions, empty_row
from components.evaluate.statistics.intervals import interval, median_interval
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure

SPEED = "speed"
_HERE = "measured here"


def quality_rows(rated: Rated, settings: Settings) -> list[Row]:
    """One row a figure, those that were not run among them."""
    missing = [
        empty_row(
            rated.subject,
            rated.bench.name,
            rated.bench.kind.category,
            figure.metric,
            "not run",
            figure.reason,
            figure.higher_is_better,
        )
        for figure in rated.scored.not_run
    ]
    return [*(_row(rated, measure, settings) for measure in rated.scored.measures), *missing]


def speed_rows(subject: str, measured: dict[str, Any], settings: Settings) -> Iterator[Row]:
    """Medians of each kind of measurement; those with pictures, one question at a time, under plain names.

    A model that was not timed gets a row a figure with the reason.
    """
    if reason := measured.get("not_run"):
        yield from (
            empty_row(subject, SPEED, "latency", metric, "not run", reason, is_higher_better)
            for metric, is_higher_better in HIGHER_IS_BETTER.items()
        )
    for cell in read_cells(measured):
        for metric, values in rates(cell).items():
            low, high = median_interval(values, settings.confidence)
            yield Row(
                subject,
                SPEED,
                "latency",
                metric + suffix(cell),
                float(np.median(values)),
                low,
                high,
                len(values),
                status="measured",
                source=_HERE,
                condition=_speed_condition(measured, cell.is_pictured, cell.batch),
                versions=Versions(prompt=PROMPTS, decoding=f"greedy, exactly {measured['new_tokens']} new tokens"),
                higher_is_better=HIGHER_IS_BETTER[metric],
                details={"cell": cell_name(cell), "batch": cell.batch, **percentiles(values)},
            )


def _row(rated: Rated, measure: Measure, settings: Settings) -> Row:
    low, high = interval(measure, settings)
    return Row(
        rated.subject,
        rated.bench.name,
        rated.bench.kind.category,
        measure.metric,
        measure.value,
        low,
        high,
        measure.n,
        status="measured",
        source=_HERE,
        condition=f"all items, {rated.precision}, intervals at {settings.confidence:.0%}",
        versions=rated.versions,
        higher_is_better=measure.higher_is_better,
        details={
            **measure.details,
            "categories": _categories(measure, settings),
            "without_leaks": _without_leaks(rated, measure, settings),
        },
    )


def _categories(measure: Measure, settings: Settings) -> dict[str, Any]:
    """Each category's figure, where there are several."""
    parts = {str(name): units for name, units in measure.units.groupby("category", sort=True)}
    if len(parts) < 2:
        return {}
    return {name: _figure(replace(measure, units=units), settings) for name, units in parts.items()}


def _without_leaks(rated: Rated, measure: Measure, settings: Settings) -> dict[str, Any]:
    """The figure over items that training does not show; empty where it shows none."""
    kept = without(measure, rated.leaked)
    return {} if kept.n == measure.n else _figure(kept, settings)


def _figure(measure: Measure, settings: Settings) -> dict[str, Any]:
    return {**asdict(figure(measure, settings)), "n": measure.n}


def _speed_condition(measured: dict[str, Any], is_pictured: bool, batch: int) -> str:
    picture = "with a picture" if is_pictured else "without a picture"
    return f"batch {batch}, {measured['precision']}, {measured['device']}; {picture}; {measured['warmup']} to warm up"
