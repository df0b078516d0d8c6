"""Which samples make up which step: fixed by seed and lengths alone, so that a run can go on anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_STEPS_GROUPED = 8


class BatchPlan:
    """Steps of ``batch`` samples, whatever the number of workers.

    Samples are shuffled anew each epoch; those of a few steps are then sorted by token length and dealt out, so that
    samples that share a micro-batch are of like length and little is padding.
    """

    def __init__(self, lengths: Sequence[int], batch: int, micro_batch: int, epochs: float, seed: int) -> None:
        if len(lengths) < batch:
            raise ValueError(f"{len(lengths)} samples are fewer than one batch of {batch}: lower batch, or add data")
        self._lengths = np.asarray(lengths)
        self._batch, self._micro_batch, self._seed = batch, micro_batch, seed
        self.steps_per_epoch = len(lengths) // batch
        self.steps = max(1, math.floor(self.steps_per_epoch * epochs))
        self._epoch = -1
        self._order = np.empty(0, dtype=int)

    def step(self, number: int) -> list[list[int]]:
        """The step's micro-batches, each a list of sample indices."""
        epoch, position = divmod(number, self.steps_per_epoch)
        if epoch != self._epoch:
            self._order, self._epoch = self._arrange(epoch), epoch
        chosen = self._order[position * self._batch : (position + 1) * self._batch]
        return [chosen[i : i + self._micro_batch].tolist() for i in range(0, len(chosen), self._micro_batch)]

    def _arrange(self, epoch: int) -> np.ndarray:
        rng = np.random.default_rng((self._seed, epoch))
        order = rng.permutation(len(self._lengths))
        span = self._batch * _STEPS_GROUPED
        groups = [self._deal(order[i : i + span], rng) for i in range(0, len(order), span)]
        return np.concatenate(groups)

    def _deal(self, group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Sort a group by length, cut it into micro-batches, and shuffle these (the rest stays at the end)."""
        by_length = group[np.argsort(self._lengths[group], kind="stable")]
        whole = len(by_length) // self._micro_batch * self._micro_batch
        parts = by_length[:whole].reshape(-1, self._micro_batch)
        return np.concatenate((parts[rng.permutation(len(parts))].ravel(), by_length[whole:]))
