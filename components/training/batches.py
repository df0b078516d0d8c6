"""Which samples make up which step: fixed by seed and lengths alone, so that a run can go on anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from components.params.schema import Training
from components.stages.errors import UserError
from components.training.mixture import Mixture
from components.training.packing import pack

_STEPS_GROUPED = 8


class TooFewSamples(UserError):
    """The samples do not fill one batch."""


class BatchPlan:
    """Steps of ``batch`` samples, whatever the number of workers.

    An epoch shows each sample once, or what ``mixture`` draws, shuffled anew. Packed, those of a step are laid end to
    end into sequences of at most ``pack_length`` tokens. Otherwise those of a few steps are sorted by token length and
    dealt out, so that samples that share a micro-batch are of like length and little is padding.
    """

    def __init__(self, lengths: Sequence[int], params: Training, seed: int, mixture: Mixture | None = None) -> None:
        size = mixture.size if mixture else len(lengths)
        if size < params.batch:
            raise TooFewSamples(f"{size} samples are fewer than one batch of {params.batch}: lower batch, or add data")
        self._lengths = np.asarray(lengths)
        self._params, self._seed, self._mixture = params, seed, mixture
        self.steps_per_epoch = size // params.batch
        self.steps = max(1, math.floor(self.steps_per_epoch * params.epochs))
        self._epoch = -1
        self._order = np.empty(0, dtype=int)

    def step(self, number: int) -> list[list[int]]:
        """The step's micro-batches, each a list of sample indices; a multiple of the workers, who take turns."""
        epoch, position = divmod(number, self.steps_per_epoch)
        if epoch != self._epoch:
            self._order, self._epoch = self._arrange(epoch), epoch
        batch, size = self._params.batch, self._params.micro_batch
        chosen = self._order[position * batch : (position + 1) * batch]
        if self._params.pack_length is not None:
            packed = pack(self._lengths[chosen].tolist(), self._params.pack_length, self._params.workers)
            return [chosen[places].tolist() for places in packed]
        return [chosen[i : i + size].tolist() for i in range(0, batch, size)]

    def _arrange(self, epoch: int) -> np.ndarray:
        rng = np.random.default_rng((self._seed, epoch))
        shown = self._mixture.epoch(epoch) if self._mixture else np.arange(len(self._lengths))
        order = rng.permutation(shown)
        if self._params.pack_length is not None:
            return order
        span = self._params.batch * _STEPS_GROUPED
        groups = [self._deal(order[i : i + span], rng) for i in range(0, len(order), span)]
        return np.concatenate(groups)

    def _deal(self, group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Sort a group by length, cut it into micro-batches, and shuffle these (the rest stays at the end)."""
        size = self._params.micro_batch
        by_length = group[np.argsort(self._lengths[group], kind="stable")]
        whole = len(by_length) // size * size
        parts = by_length[:whole].reshape(-1, size)
        return np.concatenate((parts[rng.permutation(len(parts))].ravel(), by_length[whole:]))
