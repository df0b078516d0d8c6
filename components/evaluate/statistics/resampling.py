"""The bootstrap: clusters are drawn with replacement, and each brings all of its units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from components.evaluate.statistics.settings import Settings

_DRAWN_AT_ONCE = 1 << 20
"""Clusters drawn between two sums: bounds the memory, at 8 bytes for each of them and each column."""

_ROUNDING = 1e-12
"""Share of the largest difference below which one is 0: wins and losses that cancel leave an error of rounding."""


def cluster_sums(units: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Each cluster's sums, (clusters, columns). The order of rows does not matter, not even to the last bit.

    Args:
        units: with columns unit and cluster, and the numbers to be summed.
        columns: names of the numbers.
    """
    in_order = units.sort_values("unit", kind="stable")
    return in_order.groupby("cluster", sort=True)[list(columns)].sum().to_numpy(dtype=float)


def resampled_sums(sums: np.ndarray, settings: Settings) -> np.ndarray:
    """Sums over as many clusters as there are, drawn with replacement: (resamples, columns), of (clusters, columns)."""
    generator = np.random.default_rng(settings.seed)
    columns, clusters = np.ascontiguousarray(sums.T), len(sums)
    drawn = np.empty((settings.resamples, len(columns)))
    step = max(1, _DRAWN_AT_ONCE // clusters)
    for start in range(0, settings.resamples, step):
        part = drawn[start : start + step]
        chosen = generator.integers(0, clusters, size=(len(part), clusters))
        for number, column in enumerate(columns):
            part[:, number] = column[chosen].sum(axis=1)
    return drawn


def percentile_interval(values: np.ndarray, clusters: int, confidence: float) -> tuple[float, float]:
    """The expanded percentile interval of resampled values.

    Plain percentiles are too narrow for few clusters, by what a normal deviate lacks to one of Student's t and by the
    bootstrap's divisor n instead of n - 1; so they are taken further out (Hesterberg, "What Teachers Should Know About
    the Bootstrap", The American Statistician 69, 2015, section 5.3).

    Args:
        values: (resamples,), at least one.
        clusters: that were drawn, at least two.
        confidence: of the interval.
    """
    tail = norm.sf(t.isf((1 - confidence) / 2, clusters - 1) * _widening(clusters))
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def two_sided_p(values: np.ndarray, clusters: int) -> float:
    """How far resampled differences are from having no sign: twice the smaller share of them at or beyond 0.

    One resample is added to each side, since a p value is never 0 (Davison and Hinkley, "Bootstrap Methods and their
    Application", 1997, section 4.2). It is widened as the interval is, so that the two agree about 0.

    Args:
        values: (resamples,) differences, at least one.
        clusters: that were drawn, at least two.
    """
    rounding = _ROUNDING * float(np.abs(values).max())
    beyond = 1 + min(int((values <= rounding).sum()), int((values >= -rounding).sum()))
    deviate = norm.isf(min(beyond / (len(values) + 1), 0.5))
    return float(2 * t.sf(deviate / _widening(clusters), clusters - 1))


def _widening(clusters: int) -> float:
    return float(np.sqrt(clusters / (clusters - 1)))
