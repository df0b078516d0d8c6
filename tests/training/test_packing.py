"""Samples laid end to end into sequences."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.training.packing import pack

LENGTHS = st.lists(st.integers(1, 100), min_size=1, max_size=80)


@given(LENGTHS, st.integers(100, 400), st.sampled_from([1, 2, 4]))
def test_every_sample_stands_once_and_no_sequence_is_too_long(lengths: list[int], capacity: int, workers: int) -> None:
    whole = lengths * workers
    sequences = pack(whole, capacity, workers)
    assert sorted(place for sequence in sequences for place in sequence) == list(range(len(whole)))
    assert len(sequences) % workers == 0
    assert all(0 < sum(whole[place] for place in sequence) <= capacity for sequence in sequences)


def test_little_room_is_left() -> None:
    rng = random.Random(1)
    lengths = [rng.randint(150, 900) for _ in range(256)]
    sequences = pack(lengths, 8192)
    assert sum(lengths) / (8192 * len(sequences)) > 0.95


def test_sequences_are_about_equally_long() -> None:
    rng = random.Random(2)
    lengths = [rng.randint(150, 900) for _ in range(128)]
    filled = [sum(lengths[place] for place in sequence) for sequence in pack(lengths, 8192, 4)]
    assert max(filled) - min(filled) < 900


def test_longest_first_each_into_the_shortest_sequence() -> None:
    assert pack([5, 9, 8, 2, 7], 20, 2) == [[1, 0, 3], [2, 4]]


def test_sample_longer_than_a_sequence_is_an_error() -> None:
    with pytest.raises(ValueError, match="a sample of 21 tokens does not fit into a sequence of 20"):
        pack([3, 21], 20)
