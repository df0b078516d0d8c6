"""Figures with and without leaked items."""

from __future__ import annotations

from components.evaluate.comparison.leaks import leak_effect, without
from components.evaluate.leaks import Leaks
from tests.evaluate.comparison.world import SETTINGS, answers
from tests.evaluate.statistics.measures import measure

LEAKS = Leaks(items=4, found=3, kinds={"same image": 2, "same question": 1}, left=frozenset({"u0000", "u0001"}))


def test_whole_clusters_are_left_out() -> None:
    rotated = measure([1, 1, 0, 1], cluster=["p", "p", "q", "q"], category="글", factor=100.0)
    rest = without(rotated, {"p", "unknown"})
    assert (rest.value, rest.n, rest.metric, rest.factor) == (50, 2, "accuracy", 100)
    assert (rotated.value, rotated.n) == (75, 4)
    assert without(rotated, set()).value == 75
    assert without(rotated, {"p", "q"}).value is None


def test_every_model_loses_the_same_items() -> None:
    models = [answers("a", [measure([1, 1, 0, 1])]), answers("b", [measure([0, 1, 1, 1])]), answers("no figure", [])]
    found = leak_effect("k-dtcbench", LEAKS, {"u0000", "u0001"}, models, SETTINGS)
    assert (found.benchmark, found.items, found.found, found.left) == ("k-dtcbench", 4, 3, 2)
    assert found.kinds == {"same image": 2, "same question": 1}
    assert [(f.subject, f.units, f.all.value, f.units_without, f.without.value) for f in found.figures] == [
        ("a", 4, 0.75, 2, 0.5),
        ("b", 4, 0.75, 2, 1.0),
    ]
    assert found.figures[1].without.high == 1 and (found.figures[1].without.low or 1) < 0.5
