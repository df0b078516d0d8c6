"""Samples laid end to end, so that nothing is padding."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence


def pack(lengths: Sequence[int], capacity: int, multiple: int = 1) -> list[list[int]]:
    """Places of samples, put into as few sequences of at most ``capacity`` tokens as a simple rule finds.

    Longest first, each into the sequence that is shortest so far (LPT scheduling): sequences come out about equally
    long, so that workers which compute one each wait little for one another.

    Args:
        lengths: tokens of each sample.
        capacity: tokens that a sequence may have.
        multiple: of which the number of sequences is one (the number of workers); none of them is empty if there are
            at least so many samples, and their number a multiple of it too.

    Raises:
        ValueError: if a sample is longer than a sequence may be.
    """
    if max(lengths) > capacity:
        raise ValueError(f"a sample of {max(lengths)} tokens does not fit into a sequence of {capacity}")
    order = sorted(range(len(lengths)), key=lambda place: (-lengths[place], place))
    groups = math.ceil(sum(lengths) / (capacity * multiple))
    while (packed := _deal(order, lengths, capacity, groups * multiple)) is None:
        groups += 1
    return packed


def _deal(order: Sequence[int], lengths: Sequence[int], capacity: int, count: int) -> list[list[int]] | None:
    """``count`` sequences, or nothing if one would be too long."""
    sequences: list[list[int]] = [[] for _ in range(count)]
    filled = [(0, number) for number in range(count)]
    for place in order:
        tokens, number = heapq.heappop(filled)
        if tokens + lengths[place] > capacity:
            return None
        sequences[number].append(place)
        heapq.heappush(filled, (tokens + lengths[place], number))
    return sequences
