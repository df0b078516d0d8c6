"""What each Ray Train worker does: go on from the last checkpoint, train, report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray.train

from components.training.checkpoint import Checkpoint
from components.training.expected import EXPECTED
from components.training.job import Job, set_up
from components.training.log import Log
from components.training.loop import train
from components.training.wire import Going, Progress, Stopped, Wire

_MENDABLE: tuple[type[Exception], ...] = (FileNotFoundError, *EXPECTED)


@dataclass(frozen=True)
class Assignment:
    """What Ray Train hands to each worker."""

    job: Job
    wire: Wire


def train_worker(assignment: Assignment) -> None:
    """Train from the last checkpoint, or from the start; the last checkpoint holds the learnt weights."""
    job = assignment.job
    rank = ray.train.get_context().get_world_rank()
    tell: Callable[[Any], None] = assignment.wire.send if rank == 0 else _say_nothing
    found = _last_checkpoint()
    done, log = (found.done, found.log) if found else (0, Log())
    try:
        work = set_up(job, rank, found)
        tell(Going(done, work.plan.steps, log))
        train(work, done, log, lambda row: tell(Progress(row)), lambda checkpoint: _report(checkpoint, rank))
    except _MENDABLE as error:
        # Told, not raised: Ray Train would try again what can only end in the same way.
        tell(Stopped(str(error)))


def _last_checkpoint() -> Checkpoint | None:
    checkpoint = ray.train.get_checkpoint()
    if checkpoint is None:
        return None
    with checkpoint.as_directory() as folder:
        return Checkpoint.load(Path(folder))


def _report(checkpoint: Checkpoint, rank: int) -> None:
    """Hand a checkpoint to Ray Train, which stores it. Only the first worker has something to hand over."""
    metrics = {"step": checkpoint.done}
    if rank:
        ray.train.report(metrics)
        return
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder))
        ray.train.report(metrics, checkpoint=ray.train.Checkpoint.from_directory(folder))


def _say_nothing(message: object) -> None:
    pass
