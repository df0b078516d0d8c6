"""All pairs of perceptual hashes that differ in few bits, found without comparing every pair.

If two hashes differ in at most d bits and each is cut into d + 1 bands, they agree in one band at least. So hashes are
sorted by one band after the other, and only neighbours with the same band are compared (Manku et al., WWW 2007).
"""

from __future__ import annotations

import numpy as np

from components.ingest.checks.looks import BITS

_WORD = 63
"""Bits of a band that are used at most, to fit into a number."""


def near_pairs(looks: np.ndarray, distance: int) -> np.ndarray:
    """Pairs (n, 2) of places, the smaller first, each once.

    Args:
        looks: different hashes, (hashes, LOOK_BYTES) uint8.
        distance: differing bits at most.
    """
    # Neighbouring bits are neighbouring frequencies, which go together: bands of scattered bits are more even.
    scattered = np.random.default_rng(0).permutation(BITS)
    found = [_agreeing(looks, band[:_WORD], distance) for band in np.array_split(scattered, distance + 1)]
    return np.unique(np.concatenate(found), axis=0)


def _agreeing(looks: np.ndarray, band: np.ndarray, distance: int) -> np.ndarray:
    """Near pairs among hashes that agree in a band."""
    keys = np.zeros(len(looks), dtype=np.int64)
    for bit in band:
        keys = (keys << 1) | ((looks[:, bit >> 3] >> (7 - (bit & 7))) & 1)
    order = np.argsort(keys, kind="stable")
    keys, looks = keys[order], looks[order]  # so that what is compared lies side by side in memory
    pairs = [np.empty((0, 2), dtype=np.int64)]
    start, step = np.arange(len(keys)), 1
    while len(start := start[start + step < len(keys)]) and len(start := start[keys[start] == keys[start + step]]):
        near = start[bits_between(looks[start], looks[start + step]) <= distance]
        pairs.append(np.sort(np.stack((order[near], order[near + step]), axis=1), axis=1))
        step += 1
    return np.concatenate(pairs)


def bits_between(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Number of bits in which hashes (..., LOOK_BYTES) uint8 differ."""
    words = np.bitwise_count(np.ascontiguousarray(left).view(np.uint64) ^ np.ascontiguousarray(right).view(np.uint64))
    return sum(words[..., place].astype(np.int64) for place in range(words.shape[-1]))
