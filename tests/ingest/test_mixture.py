"""How many samples of each source an epoch shows."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ingest.mixture import mix
from components.params.schema import Source
from tests.ingest.samples import source


def sources(**given: dict[str, Any]) -> list[Source]:
    return [source("llava", name=name, **fields) for name, fields in given.items()]


def epochs(
    chosen: list[Source], samples: dict[str, int], temperature: float = 1.0, total: int | None = None
) -> dict[str, int]:
    return {name: part.epoch for name, part in mix(chosen, samples, temperature, total).items()}


def test_by_default_every_sample_is_shown_once() -> None:
    assert epochs(sources(a={}, b={}), {"a": 700, "b": 31}) == {"a": 700, "b": 31}


@pytest.mark.parametrize(
    ("given", "samples", "temperature", "total", "wanted"),
    [
        ({"a": {"weight": 3.0}, "b": {"weight": 1.0}}, {"a": 600, "b": 600}, 1.0, None, {"a": 600, "b": 200}),
        ({"a": {"weight": 3.0}, "b": {"weight": 1.0}}, {"a": 600, "b": 600}, 1.0, 1000, {"a": 750, "b": 250}),
        ({"a": {}, "b": {}}, {"a": 900, "b": 100}, 2.0, 400, {"a": 300, "b": 100}),  # 30 to 10
        ({"a": {}, "b": {}}, {"a": 900, "b": 100}, 2.0, None, {"a": 300, "b": 100}),
        ({"a": {"cap": 50}, "b": {}}, {"a": 900, "b": 100}, 1.0, None, {"a": 50, "b": 100}),
        ({"a": {"cap": 50}, "b": {}}, {"a": 900, "b": 100}, 1.0, 200, {"a": 50, "b": 150}),
        ({"a": {"cap": 50}, "b": {"cap": 60}}, {"a": 900, "b": 100}, 1.0, 500, {"a": 50, "b": 60}),
        ({"a": {"count": 250}, "b": {}}, {"a": 100, "b": 77}, 1.0, None, {"a": 250, "b": 77}),
        ({"a": {"count": 250}, "b": {}, "c": {}}, {"a": 100, "b": 30, "c": 10}, 1.0, 270, {"a": 250, "b": 15, "c": 5}),
        ({"a": {"count": 250}, "b": {}}, {"a": 0, "b": 77}, 1.0, None, {"a": 0, "b": 77}),
    ],
)
def test_weights_counts_caps_and_temperature(
    given: dict[str, Any], samples: dict[str, int], temperature: float, total: int | None, wanted: dict[str, int]
) -> None:
    assert epochs(sources(**given), samples, temperature, total) == wanted


@given(
    sizes=st.lists(st.integers(0, 5000), min_size=1, max_size=6),
    temperature=st.floats(0.5, 10),
    total=st.none() | st.integers(1, 20_000),
)
def test_totals_are_kept_and_nothing_is_repeated_unasked(
    sizes: list[int], temperature: float, total: int | None
) -> None:
    samples = {f"s{place}": size for place, size in enumerate(sizes)}
    found = epochs(sources(**{name: {} for name in samples}), samples, temperature, total)
    if total is None:
        assert all(found[name] <= size for name, size in samples.items())
        assert any(found[name] == size for name, size in samples.items())
    elif any(sizes):
        assert sum(found.values()) == total
    for smaller, larger in itertools.permutations(samples, 2):
        assert samples[smaller] > samples[larger] or found[smaller] <= found[larger] + 1  # one for rounding
