"""Holm's correction."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.evaluate.statistics.correction import holm

P = st.floats(1e-6, 1)


def test_holm_by_hand() -> None:
    """Sorted 0.01, 0.02, 0.03, 0.3 times 4, 3, 2, 1, none smaller than the one before: 0.04, 0.06, 0.06, 0.3."""
    assert holm([0.03, 0.01, 0.3, 0.02]) == pytest.approx([0.06, 0.04, 0.3, 0.06])


@settings(max_examples=8, deadline=None)  # statsmodels collects garbage at each call
@given(st.lists(P, min_size=1, max_size=12))
def test_holm_by_its_definition(p_values: list[float]) -> None:
    """The step down: the smallest p is held against all, the next against one fewer, and so on."""
    adjusted, reached = dict[int, float](), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        reached = max(reached, (len(p_values) - rank) * p_values[place])
        adjusted[place] = min(reached, 1.0)
    assert holm(p_values) == pytest.approx([adjusted[place] for place in range(len(p_values))])


def test_one_or_none() -> None:
    assert holm([0.02]) == [0.02]
    assert holm([]) == []
