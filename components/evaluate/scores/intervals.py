"""Confidence intervals. An interval that cannot be computed is (None, None)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import bootstrap
from statsmodels.stats.proportion import proportion_confint

from components.evaluate.scores.figures import Settings

Interval = tuple[float | None, float | None]
_BATCH = 100  # resamples held in memory at once


def wilson(right: int, n: int, settings: Settings) -> Interval:
    """Wilson's score interval of a share."""
    if n == 0:
        return None, None
    low, high = proportion_confint(right, n, alpha=1 - settings.confidence, method="wilson")
    return float(low), float(high)


def mean_interval(values: Sequence[float], settings: Settings) -> Interval:
    """Percentile bootstrap of a mean."""
    return ratio_interval(values, np.ones(len(values)), settings)


def grouped_mean_interval(values: Sequence[float], groups: Sequence[str], settings: Settings) -> Interval:
    """The same where whole groups are drawn: the rotations of one question are not independent."""
    table = pd.DataFrame({"value": np.asarray(values, dtype=float), "group": list(groups)})
    sums = table.groupby("group")["value"].agg(["sum", "count"])
    return ratio_interval(sums["sum"].to_numpy(), sums["count"].to_numpy(), settings)


def ratio_interval(
    numerators: Sequence[float] | np.ndarray, denominators: Sequence[float] | np.ndarray, settings: Settings
) -> Interval:
    """Percentile bootstrap of sum(numerators) / sum(denominators), drawing pairs."""
    above, below = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    if len(above) < 2:
        return None, None
    drawn = bootstrap(
        (above, below),
        lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=settings.resamples,
        batch=_BATCH,
        confidence_level=settings.confidence,
        method="percentile",
        rng=np.random.default_rng(settings.seed),
    ).confidence_interval
    return float(drawn.low), float(drawn.high)


def median_interval(values: Sequence[float], settings: Settings) -> Interval:
    """Percentile bootstrap of a median."""
    if len(values) < 2:
        return None, None
    drawn = bootstrap(
        (np.asarray(values, dtype=float),),
        np.median,
        n_resamples=settings.resamples,
        batch=_BATCH,
        confidence_level=settings.confidence,
        method="percentile",
        rng=np.random.default_rng(settings.seed),
    ).confidence_interval
    return float(drawn.low), float(drawn.high)
