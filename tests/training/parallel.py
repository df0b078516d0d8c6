"""The training loop in processes of its own that talk by gloo: what Ray Train sets up, without Ray."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn.parallel import DistributedDataParallel

from components.model.loading import load_model
from components.params.schema import Finetune
from components.training.batches import BatchPlan
from components.training.checkpoint import Checkpoint
from components.training.engine import cosine
from components.training.job import Job, set_up
from components.training.labels import Markup
from components.training.log import Log, Row
from components.training.loop import TrainingStopped, Work, train
from components.training.samples import MicroBatch, Samples
from components.training.trainable import add_lora, optimizer_groups

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
    given = replace(job, params=job.params | {"log_every": 1})
    mp.spawn(_worker, (given, free_port(), str(out / "outcome.pt"), found, change), nprocs=job.params["workers"])
    return torch.load(out / "outcome.pt", weights_only=False)


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def join(rank: int, workers: int, port: int) -> None:
    """Make this process a worker of a group that talks by gloo."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(workers)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    logging.disable(logging.WARNING)
    dist.init_process_group("gloo", rank=rank, world_size=workers)


def _worker(rank: int, job: Job, port: int, out: str, found: Checkpoint | None, change: Change | None) -> None:
    join(rank, job.params["workers"], port)
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


def run_ddp(job: Job, out: Path) -> list[float]:
    """Losses of the same training by torch's DistributedDataParallel, written out: neither engine nor loop of ours."""
    mp.spawn(_ddp_worker, (job, free_port(), str(out / "losses.pt")), nprocs=job.params["workers"])
    return torch.load(out / "losses.pt")


def _ddp_worker(rank: int, job: Job, port: int, out: str) -> None:
    params = job.training()
    join(rank, params.workers, port)
    torch.set_num_threads(1)
    torch.manual_seed(job.seed)
    model, processor = load_model(Path(job.start), dtype=torch.float32)
    markup = Markup(processor.image_token, processor.image_seq_length, job.turn_end, job.end)
    samples = Samples(Path(job.shards), "train", job.layout, processor, markup, params)
    plan = BatchPlan(samples.lengths, params, job.seed)
    assert isinstance(params, Finetune)
    replica = DistributedDataParallel(add_lora(model, params).train())
    optimizer = torch.optim.AdamW(optimizer_groups(replica, params), weight_decay=params.weight_decay)
    peaks = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for number in range(plan.steps):
        torch.manual_seed((job.seed * plan.steps + number + 1) * params.workers + rank)
        batches = [samples.batch(indices).tensors for indices in plan.step(number)[rank :: params.workers]]
        labelled = torch.tensor(float(sum((batch["labels"][:, 1:] != -100).sum() for batch in batches)))
        dist.all_reduce(labelled)
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * cosine(number, plan.steps, params.warmup)
        total = torch.zeros(())
        for batch in batches:
            loss = replica(**batch).loss * (batch["labels"][:, 1:] != -100).sum() / labelled
            with replica.no_sync() if batch is not batches[-1] else nullcontext():
                (loss * params.workers).backward()
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_([p for p in replica.parameters() if p.requires_grad], params.clip)
        optimizer.step()
        optimizer.zero_grad()
        dist.all_reduce(total)
        losses.append(float(total))
    if rank == 0:
        torch.save(losses, out)
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
