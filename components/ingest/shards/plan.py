"""Which samples make up which shard."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.ingest.chunks.store import ChunkStore
from components.ingest.selection.split import SPLITS, SplitName

_ROW_BYTES = 200
"""About what a row's other columns take beside images and text."""


@dataclass(frozen=True)
class ShardPlan:
    """The samples of one source and split that make up a shard, in order."""

    split: SplitName
    chunks: np.ndarray
    """(samples,) the chunk that each is in, ascending."""
    places: np.ndarray
    """(samples,) its place among the chunk's samples."""
    keys: tuple[str, ...]
    """(samples,) split keys."""

    @property
    def name(self) -> str:
        """Names the content: of one source, equal names mean equal bytes."""
        digest = hashlib.sha256(self.chunks.tobytes() + self.places.tobytes())
        digest.update("\n".join(self.keys).encode())
        return digest.hexdigest()[:16]


def plan_shards(
    store: ChunkStore, split: np.ndarray, keys: Sequence[str], sizes: np.ndarray, most_bytes: int
) -> list[ShardPlan]:
    """A source's samples in their order, by split, cut into shards of about a size.

    Args:
        split: (samples,) place in SPLITS; negative for samples that are left out.
        keys: (samples,) split keys.
        sizes: (samples,) bytes that each takes.
        most_bytes: a shard ends with the sample that reaches it.
    """
    counts = store.sample_counts()
    chunk = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(chunk)) - np.repeat(np.cumsum(counts) - counts, counts)
    plans = []
    for number, name in enumerate(SPLITS):
        chosen = np.flatnonzero(split == number)
        for part in _cut(sizes[chosen] + _ROW_BYTES, most_bytes):
            samples = chosen[part]
            plans.append(ShardPlan(name, chunk[samples], place[samples], tuple(keys[sample] for sample in samples)))
    return plans


def _cut(sizes: np.ndarray, most: int) -> list[slice]:
    """Runs of sizes that each reach ``most`` with their last one; the last run may not."""
    ends = np.cumsum(sizes)
    parts, begin, done = [], 0, 0
    while begin < len(sizes):
        end = int(np.searchsorted(ends, done + most)) + 1
        parts.append(slice(begin, min(end, len(sizes))))
        done, begin = int(ends[min(end, len(sizes)) - 1]), end
    return parts
