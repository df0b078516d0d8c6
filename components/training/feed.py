"""The steps' micro-batches of one worker, prepared ahead where processes are given for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader, Dataset

from components.params.schema import Training
from components.training.batches import BatchPlan
from components.training.samples import MicroBatch, Samples

_STEPS_AHEAD = 2


class _Steps(Dataset[list[MicroBatch]]):
    """A worker's share of each step, by the step's number."""

    def __init__(self, plan: BatchPlan, samples: Samples, share: slice) -> None:
        self._plan, self._samples, self._share = plan, samples, share

    def __getitem__(self, number: int) -> list[MicroBatch]:
        return [self._samples.batch(indices) for indices in self._plan.step(number)[self._share]]


class Feed:
    """Gives a worker its share of each step that is left, in order; knows how long it was waited for."""

    def __init__(self, plan: BatchPlan, samples: Samples, done: int, rank: int, params: Training) -> None:
        settings: dict[str, Any] = {}
        if params.loader_processes:
            # Forked processes would inherit locks that threads of Ray and torch hold at that moment.
            settings = {"multiprocessing_context": "forkserver", "prefetch_factor": _STEPS_AHEAD}
        self._loader = DataLoader(
            _Steps(plan, samples, slice(rank, None, params.workers)),
            batch_size=None,
            sampler=range(done, plan.steps),
            num_workers=params.loader_processes,
            collate_fn=_as_is,
            pin_memory=params.device == "gpu",
            **settings,
        )
        self._waited = 0.0

    def __iter__(self) -> Iterator[list[MicroBatch]]:
        steps = iter(self._loader)
        for _ in self._loader.sampler:
            started = time.monotonic()
            step = next(steps)
            self._waited += time.monotonic() - started
            yield step

    def take_waited(self) -> float:
        """Seconds that were waited for data since this was last asked."""
        waited, self._waited = self._waited, 0.0
        return waited


def _as_is(step: list[MicroBatch]) -> list[MicroBatch]:
    return step
