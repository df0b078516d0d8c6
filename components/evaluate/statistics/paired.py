"""Two models on the same units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.contingency_tables import mcnemar

from components.evaluate.statistics.intervals import NO_INTERVAL, Interval
from components.evaluate.statistics.power import discordance_error, smallest_visible
from components.evaluate.statistics.resampling import (
    cluster_sums,
    percentile_interval,
    resampled_sums,
    two_sided_p,
)
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure

EXACT, CHI_SQUARED, BOOTSTRAP, NONE = "McNemar, exact", "McNemar, chi-squared", "paired bootstrap", "none"
FEW_DISCORDANT = 25
"""Discordant units below which McNemar's test is the exact binomial one: the usual bound for its chi-squared form,
which is then used without continuity correction (Fagerland et al., BMC Medical Research Methodology 13:91, 2013)."""
_SUMS = ("above_first", "below_first", "above_second", "below_second")


@dataclass(frozen=True)
class Difference:
    """The first model's figure minus the second's, in the figure's scale."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Paired:
    """A difference, whether it can be chance, and what it consists of."""

    difference: Difference
    p_value: float | None
    """Two-sided, not corrected for other benchmarks; None where there is nothing to test."""
    test: str
    wins: int
    """Units on which the first model is better."""
    ties: int
    losses: int
    smallest_visible: float | None
    """The true difference that these units show with 80 % power; None where nothing was seen to vary."""
    units: int
    clusters: int
    """Independent ones among the units."""


@dataclass(frozen=True)
class _Test:
    name: str
    p_value: float | None


def paired(first: Measure, second: Measure, settings: Settings) -> Paired:
    """Compare two models by one figure.

    Raises:
        ValueError: if the figures are not the same one over the same units.
    """
    joined = join(first, second)
    resampled = _resampled(joined, first.factor, settings)
    clusters = joined["cluster"].nunique()
    wins, losses = _better(joined, first.higher_is_better)
    if len(joined) and first.is_binary and second.is_binary and clusters == len(joined):
        test = _mcnemar(wins, losses)
        error = abs(first.factor) * discordance_error(wins + losses, len(joined))
    else:
        test = _by_bootstrap(resampled, clusters)
        error = float(resampled.std()) if len(resampled) else 0.0
    return Paired(
        _difference(first, second, resampled, clusters, settings),
        test.p_value,
        test.name,
        wins,
        len(joined) - wins - losses,
        losses,
        smallest_visible(error, settings.confidence),
        len(joined),
        clusters,
    )


def difference(first: Measure, second: Measure, settings: Settings) -> Difference:
    """The difference of two models' figures with its interval, by the bootstrap over the clusters of both at once.

    Raises:
        ValueError: if the figures are not the same one over the same units.
    """
    joined = join(first, second)
    resampled = _resampled(joined, first.factor, settings)
    return _difference(first, second, resampled, joined["cluster"].nunique(), settings)


def join(first: Measure, second: Measure) -> pd.DataFrame:
    """Units with columns unit, cluster, above_first, below_first, above_second, below_second.

    Raises:
        ValueError: if the figures are not the same one over the same units.
    """
    for name in ("metric", "factor", "higher_is_better"):
        mine, other = getattr(first, name), getattr(second, name)
        if mine != other:
            raise ValueError(f"{first.metric}: {name} is {mine!r} for one model and {other!r} for the other")
    joined = first.units.merge(
        second.units, on=["unit", "cluster"], suffixes=("_first", "_second"), validate="one_to_one"
    )
    if not len(joined) == first.n == second.n:
        raise ValueError(
            f"{first.metric}: {first.n} and {second.n} units have {len(joined)} in common; "
            "figures over different units cannot be compared"
        )
    return joined


def unit_values(above: pd.Series, below: pd.Series) -> np.ndarray:
    """(units,) each unit's own value; its ``above`` where it has nothing to divide by."""
    numbers, divisors = above.to_numpy(dtype=float), below.to_numpy(dtype=float)
    return np.divide(numbers, divisors, out=numbers.copy(), where=divisors != 0)


def gains(joined: pd.DataFrame, higher_is_better: bool) -> np.ndarray:
    """(units,) by how much the first model is better, in units' values without the figure's factor."""
    first, second = (unit_values(joined[f"above_{who}"], joined[f"below_{who}"]) for who in ("first", "second"))
    return first - second if higher_is_better else second - first


def _better(joined: pd.DataFrame, higher_is_better: bool) -> tuple[int, int]:
    gained = gains(joined, higher_is_better)
    return int((gained > 0).sum()), int((gained < 0).sum())


def _mcnemar(wins: int, losses: int) -> _Test:
    is_exact = wins + losses < FEW_DISCORDANT
    found = mcnemar([[0, wins], [losses, 0]], exact=is_exact, correction=False)
    return _Test(EXACT if is_exact else CHI_SQUARED, float(found.pvalue))


def _resampled(joined: pd.DataFrame, factor: float, settings: Settings) -> np.ndarray:
    """Differences between the figures of resampled clusters; empty where there are not two clusters."""
    sums = cluster_sums(joined, _SUMS)
    if len(sums) < 2:
        return np.empty(0)
    above_first, below_first, above_second, below_second = resampled_sums(sums, settings).T
    usable = (below_first != 0) & (below_second != 0)
    first = above_first[usable] / below_first[usable]
    return factor * (first - above_second[usable] / below_second[usable])


def _by_bootstrap(resampled: np.ndarray, clusters: int) -> _Test:
    return _Test(BOOTSTRAP, two_sided_p(resampled, clusters)) if len(resampled) else _Test(NONE, None)


def _difference(
    first: Measure, second: Measure, resampled: np.ndarray, clusters: int, settings: Settings
) -> Difference:
    if first.value is None or second.value is None:
        return Difference(None, None, None)
    bounds: Interval = NO_INTERVAL
    if len(resampled):
        bounds = percentile_interval(resampled, clusters, settings.confidence)
    return Difference(first.value - second.value, *bounds)
