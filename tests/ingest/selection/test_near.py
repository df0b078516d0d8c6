"""Near pairs of hashes, against comparing every pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ingest.checks.looks import BITS, LOOK_BYTES
from components.ingest.selection.near import bits_between, near_pairs


def every_pair(looks: np.ndarray, distance: int) -> set[tuple[int, int]]:
    """The slow way."""
    bits = bits_between(looks[:, None], looks[None])
    return {(i, j) for i, j in zip(*np.nonzero(bits <= distance), strict=True) if i < j}


def packed(bits: np.ndarray) -> np.ndarray:
    """Hashes as they are stored, from their bits."""
    return np.pad(np.packbits(bits, axis=1), ((0, 0), (0, LOOK_BYTES - BITS // 8)))


def some_looks(seed: int, count: int) -> np.ndarray:
    """Random hashes, half of them made of an earlier one by turning over a few bits."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (count, BITS), dtype=np.uint8)
    for place in range((count + 1) // 2, count):
        bits[place] = bits[rng.integers(place)]
        bits[place, rng.choice(BITS, rng.integers(0, 20), replace=False)] ^= 1
    return np.unique(packed(bits), axis=0)


@given(seed=st.integers(0, 10**6), count=st.integers(0, 60), distance=st.integers(0, 16))
def test_same_pairs_as_comparing_all(seed: int, count: int, distance: int) -> None:
    looks = some_looks(seed, count)
    found = near_pairs(looks, distance)
    assert len(found) == len({tuple(pair) for pair in found.tolist()})
    assert {(i, j) for i, j in found.tolist()} == every_pair(looks, distance)


@pytest.mark.parametrize("distance", [0, 10, 16])
def test_many_that_are_all_near(distance: int) -> None:
    bits = np.zeros((80, BITS), dtype=np.uint8)
    bits[np.arange(1, 80), np.arange(1, 80)] = 1
    looks = packed(bits)
    assert len(near_pairs(looks, distance)) == (0 if distance == 0 else 80 * 79 // 2)
