"""Intervals against those of scipy and statsmodels, on inputs of any kind, and at their limits."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, bootstrap, norm, t
from statsmodels.stats.proportion import proportion_confint

from components.evaluate.statistics.intervals import interval, median_interval
from components.evaluate.statistics.resampling import cluster_sums, resampled_sums
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure
from tests.evaluate.statistics.measures import SETTINGS, measure, rotations

RIGHT = st.lists(st.booleans(), min_size=1, max_size=60)


@settings(deadline=None)
@given(RIGHT, st.sampled_from([0.8, 0.95, 0.99]))
def test_right_or_wrong_gets_wilsons_interval(right: list[bool], confidence: float) -> None:
    found = interval(measure(right), Settings(confidence, 100, 1))
    assert found == pytest.approx(proportion_confint(sum(right), len(right), 1 - confidence, "wilson"))


def test_half_widths_at_p_45() -> None:
    """Those that users of K-DTCBench (240 items) and K-SEED (2,970) plan by: 6.3 and 1.8 points."""
    for items, points in ((240, 6.3), (2970, 1.8)):
        low, high = interval(measure([1.0] * round(0.45 * items) + [0.0] * round(0.55 * items)), SETTINGS)
        assert low is not None and high is not None
        assert 50 * (high - low) == pytest.approx(points, abs=0.06)


@pytest.mark.parametrize("seed", range(3))
def test_the_bootstrap_agrees_with_scipys(seed: int) -> None:
    """At the level that the expanded percentiles stand for, of a ratio of sums over the same pairs."""
    generator = np.random.default_rng(seed)
    below = generator.integers(5, 60, 50).astype(float)
    above = generator.binomial(below.astype(int), 0.2).astype(float)
    ours = interval(measure(above, below), Settings(0.95, 20_000, seed))
    level = 1 - 2 * norm.sf(t.isf(0.025, 49) * np.sqrt(50 / 49))
    theirs = bootstrap(
        (above, below),
        lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
        paired=True,
        n_resamples=20_000,
        confidence_level=level,
        method="percentile",
        rng=np.random.default_rng(99),
    )
    bounds = theirs.confidence_interval
    # The Monte Carlo error of a 2.5 % quantile of 20,000 draws is about 0.03 standard errors, on both sides.
    assert ours == pytest.approx((bounds.low, bounds.high), abs=0.12 * theirs.standard_error)


def test_resampled_sums_have_the_bootstraps_mean_and_spread() -> None:
    sums = np.random.default_rng(3).random((40, 2))
    drawn = resampled_sums(sums, Settings(0.95, 20_000, 5))
    assert drawn.shape == (20_000, 2)
    assert drawn.mean(axis=0) == pytest.approx(sums.sum(axis=0), rel=0.005)
    assert np.cov(drawn.T) == pytest.approx(40 * np.cov(sums.T, bias=True), rel=0.06, abs=0.05)


def test_draws_in_parts_fill_every_resample() -> None:
    """30,000 clusters are drawn 34 times at once, 100 is no multiple of that."""
    drawn = resampled_sums(np.ones((30_000, 1)), Settings(0.95, 100, 5))
    assert (drawn == 30_000).all()


def test_clusters_are_drawn_whole() -> None:
    """Four copies of each unit say no more than one: the interval is the unclustered one's, not half as wide."""
    values = np.random.default_rng(4).random(30)
    single = interval(measure(values), SETTINGS)
    copied = interval(measure(np.repeat(values, 4), cluster=rotations(30)), SETTINGS)
    assert copied == pytest.approx(single)


def test_the_order_of_rows_changes_no_bit() -> None:
    generator = np.random.default_rng(5)
    values = 10 ** generator.uniform(-12, 4, (2, 1500))
    ordered = measure(values[0], values[1], rotations(5, 300))
    shuffled = Measure(ordered.metric, ordered.units.sample(frac=1, random_state=2))
    assert interval(ordered, SETTINGS) == interval(shuffled, SETTINGS)
    assert interval(ordered, SETTINGS) == interval(ordered, SETTINGS)
    assert interval(ordered, SETTINGS) != interval(ordered, Settings(0.95, 1000, 8))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4)), min_size=2, max_size=30))
def test_an_interval_lies_within_what_the_units_span(units: list[tuple[float, int]]) -> None:
    values = [value for value, _ in units]
    low, high = interval(measure(values, cluster=[f"c{c}" for _, c in units]), Settings(0.95, 200, 1))
    if low is not None and high is not None:
        assert -1e-9 <= low <= high <= 1 + 1e-9


def test_an_interval_is_in_the_figures_scale() -> None:
    values = np.random.default_rng(6).random(60)
    plain = interval(measure(values), SETTINGS)
    assert interval(measure(values, factor=100.0), SETTINGS) == pytest.approx([100 * bound for bound in plain if bound])
    assert interval(measure([1, 0, 1], factor=10.0), SETTINGS)[1] == pytest.approx(
        10 * proportion_confint(2, 3, 0.05, "wilson")[1]
    )


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_clusters_that_are_all_right_still_have_a_width(right: float) -> None:
    low, high = interval(measure([right] * 40, cluster=rotations(10)), SETTINGS)
    assert (low, high) == pytest.approx(proportion_confint(10 * right, 10, 0.05, "wilson"))
    assert low is not None and high is not None and high - low > 0.2


def test_nothing_to_say_of_too_little() -> None:
    assert interval(measure([]), SETTINGS) == (None, None)
    assert interval(measure([0.5]), SETTINGS) == (None, None)
    assert interval(measure([0.5, 0.7, 0.1], cluster=["a", "a", "a"]), SETTINGS) == (None, None)
    assert interval(measure([1.0, 2.0], [0.0, 0.0]), SETTINGS) == (None, None)


def test_resamples_without_anything_to_divide_by_are_left_out() -> None:
    low, high = interval(measure([1.0, 0.0, 0.0], [2.0, 0.0, 0.0]), SETTINGS)
    assert (low, high) == (0.5, 0.5)


def test_a_large_set_is_quick_and_small_in_memory() -> None:
    large = measure(np.random.default_rng(1).random(12_000))
    started = time.perf_counter()
    interval(large, Settings(0.95, 2000, 1))
    assert time.perf_counter() - started < 2


def test_a_medians_interval_has_the_binomials_coverage() -> None:
    """Of 12 ordered values the third and the tenth: P(3 <= B <= 9) = 96.1 % for the heads B of 12 coins. The next pair
    has less than 95 %."""
    values = list(np.random.default_rng(2).permutation(12) + 1.0)
    assert median_interval(values, 0.95) == (3.0, 10.0)
    assert binom.cdf(9, 12, 0.5) - binom.cdf(2, 12, 0.5) >= 0.95
    assert binom.cdf(8, 12, 0.5) - binom.cdf(3, 12, 0.5) < 0.95


def test_a_median_of_few_values_has_no_interval() -> None:
    assert median_interval([1.0, 2.0, 3.0], 0.95) == (None, None)
    assert median_interval([], 0.95) == (None, None)
    assert median_interval([3, 1, 2, 6, 5, 4], 0.95) == (1.0, 6.0)


def test_sums_of_clusters() -> None:
    found = cluster_sums(measure([1, 2, 3, 4], [1, 1, 2, 2], ["b", "a", "b", "a"]).units, ("above", "below"))
    assert found.tolist() == [[6, 3], [4, 3]]
