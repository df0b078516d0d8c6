"""Intervals of single figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import quantile_test
from statsmodels.stats.proportion import proportion_confint

from components.evaluate.statistics.resampling import cluster_sums, percentile_interval, resampled_sums
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure

Interval = tuple[float | None, float | None]
NO_INTERVAL: Interval = (None, None)


def interval(measure: Measure, settings: Settings) -> Interval:
    """The interval of a figure, in the figure's own scale; (None, None) where there is none.

    Right or wrong for independent units: Wilson's score interval. All else: the expanded percentile bootstrap over
    clusters. Clusters that are all right, or all wrong, would make that one an interval of no width: they count as one
    unit each in Wilson's.
    """
    if measure.value is None:
        return NO_INTERVAL
    if measure.is_binary and (not measure.is_clustered or measure.units["above"].nunique() == 1):
        low, high = _wilson(measure, settings.confidence)
    else:
        low, high = _bootstrap(measure, settings)
    return _scaled(low, measure.factor), _scaled(high, measure.factor)


def median_interval(values: Sequence[float] | np.ndarray, confidence: float) -> Interval:
    """The exact interval of a median, between two of the ordered values (scipy.stats.quantile_test).

    (None, None) where there are too few values for the confidence: fewer than six at 95 %.
    """
    if len(values) == 0:
        return NO_INTERVAL
    found = quantile_test(np.asarray(values, dtype=float), p=0.5).confidence_interval(confidence_level=confidence)
    if np.isnan(found.low) or np.isnan(found.high):
        return NO_INTERVAL
    return float(found.low), float(found.high)


def _wilson(measure: Measure, confidence: float) -> Interval:
    clusters = measure.units["cluster"].nunique()
    right = round(measure.units["above"].mean() * clusters)
    low, high = proportion_confint(right, clusters, alpha=1 - confidence, method="wilson")
    return float(low), float(high)


def _bootstrap(measure: Measure, settings: Settings) -> Interval:
    sums = cluster_sums(measure.units, ("above", "below"))
    if len(sums) < 2:
        return NO_INTERVAL
    above, below = resampled_sums(sums, settings).T
    usable = below != 0
    if not usable.any():
        return NO_INTERVAL
    return percentile_interval(above[usable] / below[usable], len(sums), settings.confidence)


def _scaled(bound: float | None, factor: float) -> float | None:
    return None if bound is None else bound * factor
