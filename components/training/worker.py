"""What each worker of Ray Train does: go on from the last checkpoint, train, keep what was learnt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import ray.train
import torch.distributed as dist

from components.stages.errors import UserError
from components.training.checkpoint import Checkpoint
from components.training.job import Job, set_up
from components.training.log import Log
from components.training.loop import train
from components.training.store import CheckpointStore
from components.training.wire import Going, Message, Progress, Said, Show, Stopped


@dataclass(frozen=True)
class Assignment:
    """What Ray Train hands to each worker."""

    job: Job
    store: CheckpointStore
    show: Show
    """Where the first worker's messages go."""


def train_worker(assignment: Assignment) -> None:
    """Train from the last checkpoint, or from the start; the last checkpoint holds the learnt weights."""
    with _joined(assignment.job.params["device"]):
        rank = ray.train.get_context().get_world_rank()
        found = assignment.store.last()
        _require_agreement(found)
        if rank:
            _train(assignment.job, rank, found, _say_nothing, _keep_nothing)
        else:
            _train(assignment.job, rank, found, assignment.show, assignment.store.keep)


def _require_agreement(found: Checkpoint | None) -> None:
    """Raise, so that Ray Train begins anew, where a store has shown workers different checkpoints."""
    done: list[int] = [0] * dist.get_world_size()
    dist.all_gather_object(done, found.done if found else 0)
    if len(set(done)) > 1:
        raise RuntimeError(f"workers found checkpoints of different steps: {', '.join(map(str, done))}")


def _train(job: Job, rank: int, found: Checkpoint | None, show: Show, keep: Callable[[Checkpoint], None]) -> None:
    done, log = (found.done, found.log) if found else (0, Log())
    try:
        work = set_up(job, rank, found, lambda text: show(Said(text)))
        show(Going(done, work.plan.steps, log))
        train(work, done, log, lambda row: show(Progress(row)), keep)
    except UserError as error:
        # Told, not raised: Ray Train would try again what can only end in the same way.
        show(Stopped(str(error)))


@contextmanager
def _joined(device: str) -> Iterator[None]:
    """Workers of a cluster are joined by Ray Train already; the only one in this process is a group by itself."""
    if dist.is_initialized():
        yield
        return
    os.environ.setdefault("LOCAL_RANK", "0")  # DeepSpeed wants to read it
    dist.init_process_group("nccl" if device == "gpu" else "gloo", store=dist.HashStore(), rank=0, world_size=1)
    try:
        yield
    finally:
        dist.destroy_process_group()


def _say_nothing(message: Message) -> None:
    pass


def _keep_nothing(checkpoint: Checkpoint) -> None:
    pass
