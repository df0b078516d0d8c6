"""Differences of two models: against statsmodels, by their symmetries, and at their limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar

from components.evaluate.statistics.paired import BOOTSTRAP, CHI_SQUARED, EXACT, NONE, difference, paired
from components.evaluate.statistics.resampling import two_sided_p
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure
from tests.evaluate.statistics.measures import SETTINGS, measure, rotations

FEW_DRAWS = Settings(0.95, 200, 3)


@st.composite
def two_measures(draw: st.DrawFn) -> tuple[Measure, Measure]:
    """Of right or wrong, bounded or error-rate units, with clusters or without."""
    count = draw(st.integers(2, 24))
    unit = draw(st.sampled_from([st.integers(0, 1), st.floats(0, 1, width=32), st.integers(0, 5)]))
    lists = st.lists(unit, min_size=count, max_size=count)
    below = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count)) if draw(st.booleans()) else None
    size = draw(st.sampled_from([1, 3]))
    clusters = None if size == 1 else [f"q{place // size}" for place in range(count)]
    upwards = draw(st.booleans())
    first, second = (measure(draw(lists), below, clusters, higher_is_better=upwards) for _ in range(2))
    return first, second


@settings(max_examples=60, deadline=None)
@given(two_measures())
def test_exchanging_the_models_turns_everything_round(pair: tuple[Measure, Measure]) -> None:
    there, back = paired(*pair, FEW_DRAWS), paired(pair[1], pair[0], FEW_DRAWS)
    assert there.difference.value == -(back.difference.value or 0)
    assert (there.wins, there.ties, there.losses) == (back.losses, back.ties, back.wins)
    assert (there.p_value, there.test) == (back.p_value, back.test)
    assert there.smallest_visible == pytest.approx(back.smallest_visible)
    if there.difference.low is not None and there.difference.high is not None:
        assert (back.difference.high, back.difference.low) == pytest.approx(
            (-there.difference.low, -there.difference.high), abs=1e-9
        )


@settings(max_examples=60, deadline=None)
@given(two_measures(), st.randoms(use_true_random=False))
def test_the_order_of_units_changes_nothing(pair: tuple[Measure, Measure], random: np.random.Generator) -> None:
    places = list(range(pair[0].n))
    random.shuffle(places)
    shuffled = replace(pair[0], units=pair[0].units.iloc[places])
    before, after = paired(*pair, FEW_DRAWS), paired(shuffled, pair[1], FEW_DRAWS)
    assert after.difference.value == pytest.approx(before.difference.value)
    assert replace(after, difference=before.difference) == before
    assert (after.difference.low, after.difference.high) == (before.difference.low, before.difference.high)


@settings(max_examples=60, deadline=None)
@given(two_measures())
def test_the_same_answers_do_not_differ(pair: tuple[Measure, Measure]) -> None:
    same = paired(pair[0], pair[0], FEW_DRAWS)
    assert same.difference.value == 0 and same.p_value in (1, None)
    assert (same.wins, same.ties, same.losses) == (0, pair[0].n, 0)
    assert same.smallest_visible is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=120))
def test_right_or_wrong_gets_mcnemars_test(answers: list[tuple[bool, bool]]) -> None:
    first, second = zip(*answers, strict=True)
    table = np.zeros((2, 2))
    for mine, other in answers:
        table[int(mine), int(other)] += 1
    discordant = table[0, 1] + table[1, 0]
    found = paired(measure(first), measure(second), FEW_DRAWS)
    assert found.test == (EXACT if discordant < 25 else CHI_SQUARED)
    assert found.p_value == pytest.approx(mcnemar(table, exact=discordant < 25, correction=False).pvalue)


def test_both_forms_of_mcnemars_test_by_hand() -> None:
    """Exact: 1 of 9 heads or worse, twice: 2 x (1 + 9) / 512. Chi-squared: (40 - 20)^2 / 60 = 6.67, p = 0.0098."""
    few = paired(measure([1] * 8 + [0] + [1] * 20), measure([0] * 8 + [1] + [1] * 20), FEW_DRAWS)
    assert (few.test, few.wins, few.losses, few.ties) == (EXACT, 8, 1, 20)
    assert few.p_value == pytest.approx(20 / 512)
    many = paired(measure([1] * 40 + [0] * 20), measure([0] * 40 + [1] * 20), FEW_DRAWS)
    assert (many.test, many.p_value) == (CHI_SQUARED, pytest.approx(0.0098, abs=5e-5))


@pytest.mark.parametrize(("discordant", "test"), [(24, EXACT), (25, CHI_SQUARED)])
def test_the_bound_between_the_forms_of_mcnemars_test(discordant: int, test: str) -> None:
    assert paired(measure([1] * discordant), measure([0] * discordant), FEW_DRAWS).test == test


def test_a_bootstrapped_p_value_is_never_0() -> None:
    """Of 199 resamples and one more, none is on the other side; of 100 that are 0 all are on both."""
    assert two_sided_p(np.full(199, 0.3), clusters=10**9) == pytest.approx(2 / 200, rel=1e-3)
    assert two_sided_p(np.array([-0.1] * 4 + [0.3] * 195), clusters=10**9) == pytest.approx(10 / 200, rel=1e-3)
    assert two_sided_p(np.zeros(100), clusters=10) == 1
    assert two_sided_p(np.array([1e-17] * 50 + [0.1] * 50), clusters=10) == 1


@pytest.mark.parametrize(("units", "points"), [(240, 9.9), (1164, 4.5), (1500, 4.0), (2970, 2.8)])
def test_smallest_visible_differences_of_the_korean_benchmarks(units: int, points: float) -> None:
    """K-DTCBench, K-MMBench's questions, K-MMStar and K-SEED with 30 % of the units discordant."""
    discordant = round(0.3 * units)
    first = measure([1] * (discordant // 2) + [0] * (units - discordant // 2))
    second = measure([0] * (units - (discordant - discordant // 2)) + [1] * (discordant - discordant // 2))
    visible = paired(first, second, FEW_DRAWS).smallest_visible
    assert visible is not None and 100 * visible == pytest.approx(points, abs=0.05)


def test_what_is_visible_of_means_follows_from_their_paired_spread() -> None:
    generator = np.random.default_rng(1)
    base = generator.random(400)
    change = generator.normal(0.02, 0.1, 400)
    found = paired(measure(base + change), measure(base), Settings(0.95, 4000, 1))
    assert found.smallest_visible == pytest.approx((1.960 + 0.842) * change.std() / 20, rel=0.05)


def test_pairing_takes_out_the_items_own_spread() -> None:
    generator = np.random.default_rng(2)
    base = generator.random(200)
    found = paired(measure(base + 0.01 + generator.normal(0, 0.005, 200)), measure(base), SETTINGS)
    assert found.test == BOOTSTRAP
    assert found.difference.low is not None and 0.008 < found.difference.low < 0.01
    assert found.p_value is not None and found.p_value < 0.01


def test_fewer_errors_win() -> None:
    """The second model makes more errors on two texts and fewer on one; 7 - 9 errors of 30 characters."""
    first = measure([1, 1, 5], [10, 10, 10], metric="cer", higher_is_better=False)
    second = measure([2, 3, 4], [10, 10, 10], metric="cer", higher_is_better=False)
    found = paired(first, second, FEW_DRAWS)
    assert (found.wins, found.ties, found.losses) == (2, 0, 1)
    assert found.difference.value == pytest.approx(-2 / 30)


def test_a_scale_of_100_scales_differences() -> None:
    """Relative scores: 100 x 11 / 20 - 100 x 12 / 15, each model's references rated anew."""
    first, second = (
        measure(*pair, metric="relative_score", factor=100.0) for pair in (([5, 6], [10, 10]), ([6, 6], [8, 7]))
    )
    found = paired(first, second, FEW_DRAWS)
    assert found.difference.value == pytest.approx(55 - 80)
    assert (found.wins, found.losses) == (0, 2)
    whole, hundredth = (paired(made(factor), measure([0.5, 0.1, 0.3], factor=factor), FEW_DRAWS) for factor in (1, 100))
    assert (hundredth.difference.low, hundredth.smallest_visible) == pytest.approx(
        (100 * (whole.difference.low or 0), 100 * (whole.smallest_visible or 0))
    )
    binary = paired(measure([1, 1, 0], factor=10.0), measure([0, 1, 0], factor=10.0), FEW_DRAWS)
    assert binary.smallest_visible == pytest.approx(10 * 2.8016 / 3, rel=1e-3)


def made(factor: float) -> Measure:
    """Three bounded scores."""
    return measure([0.2, 0.9, 0.4], factor=factor)


def test_rotations_are_not_independent() -> None:
    """Ten questions in four rotations are ten observations: McNemar's test over 40 would be far too sure."""
    first, second = np.repeat([1] * 6 + [0] * 4, 4), np.repeat([0] * 5 + [1] + [0] * 4, 4)
    clustered = paired(measure(first, cluster=rotations(10)), measure(second, cluster=rotations(10)), SETTINGS)
    alone = paired(measure(first), measure(second), SETTINGS)
    assert (clustered.test, clustered.units, clustered.clusters) == (BOOTSTRAP, 40, 10)
    assert clustered.p_value is not None and alone.p_value is not None
    assert alone.p_value < 0.001 < clustered.p_value
    assert clustered.difference.value == alone.difference.value


def test_a_p_value_agrees_with_its_interval() -> None:
    """Where the interval's bound is at 0, p is at 1 - confidence."""
    generator = np.random.default_rng(4)
    base, change = generator.random(40), generator.normal(0.03, 0.1, 40)
    draws = Settings(0.95, 4000, 1)
    found = paired(measure(base + change), measure(base), draws)
    assert found.p_value is not None
    at_the_bound = difference(measure(base + change), measure(base), Settings(1 - found.p_value, 4000, 1))
    assert at_the_bound.low == pytest.approx(0, abs=0.002)


def test_too_little_to_test() -> None:
    nothing = paired(measure([]), measure([]), FEW_DRAWS)
    assert (nothing.test, nothing.p_value, nothing.difference.value, nothing.units) == (NONE, None, None, 0)
    one = paired(measure([0.5]), measure([0.25]), FEW_DRAWS)
    assert (one.test, one.p_value, one.difference.value, one.difference.low) == (NONE, None, 0.25, None)
    without_divisor = paired(measure([1.0, 1.0], [0.0, 0.0]), measure([1.0, 2.0], [0.0, 0.0]), FEW_DRAWS)
    assert (without_divisor.difference.value, without_divisor.p_value) == (None, None)
    assert (without_divisor.wins, without_divisor.losses) == (0, 1)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (measure([1, 0]), "3 and 2 units have 2 in common"),
        (measure([1, 0, 1], cluster=["q", "q", "r"]), "3 and 3 units have 0 in common"),
        (measure([1, 0, 1], metric="parse_rate"), "metric is 'accuracy' for one model and 'parse_rate' for the other"),
        (measure([1, 0, 1], factor=100.0), "factor is 1.0 for one model and 100.0"),
        (measure([1, 0, 1], higher_is_better=False), "higher_is_better is True for one model and False"),
    ],
)
def test_other_figures_are_refused(other: Measure, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        paired(measure([1, 0, 1]), other, FEW_DRAWS)


def test_units_that_stand_twice_are_refused() -> None:
    twice = measure([1, 0, 1])
    twice = replace(twice, units=twice.units.assign(unit=["u0000", "u0000", "u0001"], cluster="c"))
    with pytest.raises(ValueError, match="not a one-to-one merge"):
        paired(twice, twice, FEW_DRAWS)
