"""The training loop in processes of its own that talk by gloo: what Ray Train sets up, without Ray."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from components.training.checkpoint import Checkpoint
from components.training.job import Job, set_up
from components.training.log import Log, Row
from components.training.loop import TrainingStopped, Work, train
from components.training.samples import MicroBatch

Change = Callable[[Work], None]


@dataclass(frozen=True)
class Outcome:
    """What the first worker saw: each step's loss and norm, the checkpoints, and how it was stopped."""

    losses: list[float]
    norms: list[float]
    checkpoints: list[Checkpoint]
    stopped: str


def run(job: Job, out: Path, found: Checkpoint | None = None, change: Change | None = None) -> Outcome:
    """Train to the end with as many workers as the job asks for.

    Args:
        job: what is trained; logged at every step.
        out: an existing folder for what is seen.
        found: a checkpoint to go on from.
        change: done to what a worker has built, before it trains.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = replace(job, params=job.params | {"log_every": 1})
    mp.spawn(_worker, (given, port, str(out / "outcome.pt"), found, change), nprocs=job.params["workers"])
    return torch.load(out / "outcome.pt", weights_only=False)


def _worker(rank: int, job: Job, port: int, out: str, found: Checkpoint | None, change: Change | None) -> None:
    workers = job.params["workers"]
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(workers)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    logging.disable(logging.WARNING)
    dist.init_process_group("gloo", rank=rank, world_size=workers)
    work = set_up(job, rank, found)
    if change:
        change(work)
    told: list[Any] = []
    kept: list[Checkpoint] = []
    stopped = ""
    try:
        train(work, found.done if found else 0, found.log if found else Log(), told.append, kept.append)
    except TrainingStopped as error:
        stopped = str(error)
    if rank == 0:
        rows = [row for row in told if isinstance(row, Row)]
        outcome = Outcome([row.loss for row in rows], [row.gradient_norm for row in rows], kept, stopped)
        torch.save(outcome, out)
    dist.barrier()
    dist.destroy_process_group()


def spoil_a_weight(work: Work) -> None:
    """The first worker's gradients will not be numbers."""
    if work.rank == 0:
        learnt = next(p for p in work.engine.deepspeed.module.parameters() if p.requires_grad)
        learnt.data.fill_(torch.nan)


def take_labels_away(work: Work) -> None:
    """No worker has anything to learn."""
    read = work.samples.batch

    def unlabelled(indices: Sequence[int]) -> MicroBatch:
        batch = read(indices)
        return replace(
            batch, tensors=batch.tensors | {"labels": torch.full_like(batch.tensors["labels"], -100)}, labelled=0
        )

    work.samples.batch = unlabelled  # type: ignore[method-assign]


def know_the_answers(work: Work) -> None:
    """Every loss is 0, as after masking by mistake."""
    work.engine.backward = _nothing_to_learn  # type: ignore[method-assign]


def _nothing_to_learn(batch: dict[str, Any], items: float) -> torch.Tensor:
    return torch.zeros(())
