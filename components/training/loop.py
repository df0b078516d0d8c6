"""The training loop, as each worker runs it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.distributed as dist

from components.params.schema import Finetune, Pretrain
from components.stages.errors import UserError
from components.training.batches import BatchPlan
from components.training.checkpoint import Checkpoint
from components.training.engine import Engine
from components.training.feed import Feed
from components.training.flops import FlopRates
from components.training.log import Counts, Log, Meter, Row, ValidationRow
from components.training.samples import BadSample, MicroBatch, Samples
from components.training.state import gather
from components.training.validation import validate

Tell = Callable[[Row | ValidationRow], None]
Keep = Callable[[Checkpoint], None]
_NAMED = 8


class TrainingStopped(UserError):
    """Going on would waste time: the loss is not a number, or nothing is to be learnt. Every worker raises it."""


@dataclass(frozen=True)
class Work:
    """What a worker trains, and on what."""

    engine: Engine
    params: Pretrain | Finetune
    samples: Samples
    held_out: Samples
    plan: BatchPlan
    rank: int
    seed: int
    flop_rates: FlopRates
    peak: float | None
    """FLOP/s that the devices of all workers can do, if known."""


def train(work: Work, done: int, log: Log, tell: Tell, keep: Keep) -> None:
    """Train from after step ``done`` to the end, telling each logged row and handing over each checkpoint.

    Raises:
        TrainingStopped: naming the samples that cannot be learnt from.
    """
    engine, params, last = work.engine, work.params, work.plan.steps
    feed = Feed(work.plan, work.samples, done, work.rank, params)
    meter = Meter()
    for batches in _guarded(feed):
        done += 1
        # What dropout draws follows from the step alone, so that a run that goes on draws what it would have drawn.
        torch.manual_seed((work.seed * last + done) * params.workers + work.rank)
        meter.add(*_step(work, batches, done), engine.gradient_norm)
        if done % params.log_every == 0 or done == last:
            meter.waited = feed.take_waited()
            _log(meter.row(done, engine.learning_rates, params.batch, work.peak), log, tell)
            meter = Meter()
        if done % params.checkpoint_every == 0 or done == last:
            paused = time.monotonic()
            _log(ValidationRow(done, validate(engine, work.held_out, params)), log, tell)
            keep(Checkpoint(done, last, gather(engine), log))
            meter.started += time.monotonic() - paused


def _step(work: Work, batches: list[MicroBatch] | BadSample, done: int) -> tuple[float, Counts]:
    """One optimiser step. Returns the mean loss over all workers' labelled tokens, and what the step held."""
    counts = _count(work, batches)
    assert not isinstance(batches, BadSample)  # it stopped all workers while counting
    if not counts.labelled:
        raise _stopped(work, done, "no token carries loss", batches)
    # DeepSpeed averages over workers; the mean wanted is over labelled tokens, wherever they lie.
    items = counts.labelled / work.params.workers
    losses = torch.stack([work.engine.backward(batch.tensors, items) for batch in batches])
    total = losses.sum()
    dist.all_reduce(total)
    loss = float(total) / work.params.workers
    if not math.isfinite(loss):
        wrong = [batch for batch, value in zip(batches, losses.tolist(), strict=True) if not math.isfinite(value)]
        raise _stopped(work, done, f"the loss is {loss}: lower the learning rate, or look at the samples", wrong)
    if loss == 0:
        raise _stopped(work, done, "the loss is exactly 0: nothing is learnt", batches)
    work.engine.step()
    return loss, counts


def _count(work: Work, batches: list[MicroBatch] | BadSample) -> Counts:
    """Over all workers, who learn here too if one of them has a sample that it cannot read."""
    if isinstance(batches, BadSample):
        own = [0.0, 0.0, 0.0, 0.0, 1.0]
    else:
        flops = sum(work.flop_rates.of(b.lengths, b.images, b.labelled).total for b in batches)
        columns = zip(*((b.labelled, b.tokens, b.positions) for b in batches), strict=True)
        own = [*(float(sum(column)) for column in columns), flops, 0.0]
    summed = torch.tensor(own, dtype=torch.float64, device=work.engine.device)
    dist.all_reduce(summed)
    labelled, tokens, positions, flops, bad = summed.tolist()
    if bad:
        raise TrainingStopped("; ".join(_from_all(work, str(batches) if isinstance(batches, BadSample) else "")))
    return Counts(int(labelled), int(tokens), int(positions), flops)


def _stopped(work: Work, done: int, why: str, batches: list[MicroBatch]) -> TrainingStopped:
    """An error that names samples of all workers."""
    indices = [index for batch in batches for index in batch.indices]
    names = ", ".join(_from_all(work, ", ".join(work.samples.names(indices[:_NAMED]))))
    return TrainingStopped(f"step {done}: {why} ({names}{' ...' if len(indices) > _NAMED else ''})")


def _from_all(work: Work, own: str) -> list[str]:
    """What each worker has to say, without those who have nothing."""
    said: list[str] = [""] * work.params.workers
    dist.all_gather_object(said, own)
    return [text for text in said if text]


def _guarded(feed: Feed) -> Iterator[list[MicroBatch] | BadSample]:
    """The feed's steps; a sample that cannot be read as the last of them, since the other workers must be told."""
    try:
        yield from feed
    except BadSample as error:
        yield error


def _log(row: Row | ValidationRow, log: Log, tell: Tell) -> None:
    log.add(row)
    tell(row)
