"""95 % intervals hold the truth in 95 % of 1,000 made-up benchmarks, to two points, and tests are wrong in 5 %."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from components.evaluate.statistics.intervals import Interval, interval
from components.evaluate.statistics.paired import difference, paired
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure
from tests.evaluate.statistics.measures import measure, rotations

pytestmark = pytest.mark.slow
DRAWS, SEED = 1000, 1
SETTINGS = Settings(0.95, 500, 5)
Generator = np.random.Generator


def bounded_scores(generator: Generator) -> Measure:
    """Overlaps of boxes: many 0, the rest skewed. Mean 0.8 x 0.25."""
    return measure(generator.beta(0.4, 1.2, 120) * (generator.random(120) < 0.8), metric="mean_iou")


def error_rate(generator: Generator) -> Measure:
    """Errors over characters; texts differ in length and in how hard they are. Mean 0.2."""
    lengths = generator.integers(5, 80, 120)
    return measure(generator.binomial(lengths, generator.beta(1, 4, 120)), lengths, metric="cer")


def rotated_questions(generator: Generator) -> Measure:
    """Four rotations of each question, which is easy or hard in all of them. Mean 0.5."""
    ease = np.repeat(generator.beta(0.8, 0.8, 120), 4)
    return measure(generator.random(480) < ease, cluster=rotations(120))


def two_models(generator: Generator, size: int = 1, drop: float = 0.8) -> tuple[Measure, Measure]:
    """Right answers of two models to the same easy and hard questions; the second's chances are ``drop`` of the
    first's, which are 0.5."""
    ease = np.repeat(generator.beta(0.5, 0.5, 240 // size), size)
    clusters = rotations(240 // size, size)
    first, second = (measure(generator.random(240) < ease * share, cluster=clusters) for share in (1.0, drop))
    return first, second


def covered(draw: Callable[[Generator], Interval], truth: float) -> float:
    """Share of the draws whose interval holds the truth."""
    generator = np.random.default_rng(SEED)
    bounds = np.array([draw(generator) for _ in range(DRAWS)], dtype=float)
    return float(((bounds[:, 0] <= truth) & (truth <= bounds[:, 1])).mean())


@pytest.mark.parametrize(
    ("make", "truth"),
    [
        pytest.param(bounded_scores, 0.2, id="bounded scores"),
        pytest.param(error_rate, 0.2, id="error rate"),
        pytest.param(rotated_questions, 0.5, id="rotated questions"),
    ],
)
def test_intervals_of_figures(make: Callable[[Generator], Measure], truth: float) -> None:
    assert covered(lambda generator: interval(make(generator), SETTINGS), truth) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("size", [1, 4])
def test_intervals_of_differences(size: int) -> None:
    """Of independent questions, and of questions in four rotations."""

    def bounds(generator: Generator) -> Interval:
        found = difference(*two_models(generator, size), SETTINGS)
        return found.low, found.high

    assert covered(bounds, 0.1) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("size", [1, 4])
def test_equal_models_are_told_apart_in_one_of_twenty(size: int) -> None:
    """McNemar's test for independent questions, the bootstrap for rotated ones."""
    generator = np.random.default_rng(SEED)
    found = [paired(*two_models(generator, size, drop=1.0), SETTINGS).p_value for _ in range(DRAWS)]
    assert np.mean([p is not None and p <= 0.05 for p in found]) == pytest.approx(0.05, abs=0.02)


def test_a_difference_as_large_as_the_smallest_visible_is_found_in_four_of_five() -> None:
    """The promise of 80 % power, kept by McNemar's test on a true difference of that size."""
    generator = np.random.default_rng(SEED)
    drawn = [paired(*two_models(generator, drop=0.8), SETTINGS) for _ in range(50)]
    visible = np.mean([found.smallest_visible for found in drawn if found.smallest_visible])
    drop = 1 - float(visible) / 0.5
    again = [paired(*two_models(generator, drop=drop), SETTINGS).p_value for _ in range(400)]
    assert np.mean([p is not None and p <= 0.05 for p in again]) == pytest.approx(0.8, abs=0.05)
