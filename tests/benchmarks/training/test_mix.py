"""Drawn lengths."""

from __future__ import annotations

import pytest

from benchmarks.training.mix import MIX, draw, typical

LONGEST = 1472


def test_the_mix_is_the_recipes() -> None:
    assert sum(source.samples for source in MIX.values()) == 975_554
    drawn = draw(200_000, LONGEST, 17)
    assert 1 - drawn.images.mean() == pytest.approx(0.06, abs=0.003)
    assert drawn.text.max() == LONGEST
    expected = sum(source.samples * source.text for source in MIX.values()) / 975_554
    assert drawn.text.mean() == pytest.approx(expected, rel=0.03)


def test_a_few_typical_samples_stand_for_the_mix() -> None:
    few, many = typical(16, LONGEST, 17), draw(200_000, LONGEST, 17)
    assert len(few) == 16
    assert few.images.tolist().count(0) == 1
    assert few.text.mean() == pytest.approx(many.text.mean(), rel=0.1)
