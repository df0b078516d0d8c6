"""The training loop, as one Ray Train worker runs it."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import ray.train
import torch
import torch.distributed as dist
from safetensors.torch import save_file

from components.model.loading import load_model
from components.params.schema import Finetune, Pretrain
from components.training.batches import BatchPlan
from components.training.engine import build_engine
from components.training.labels import Format, Markup
from components.training.log import Log, Meter, ValidationRow, progress_line
from components.training.samples import Samples
from components.training.trainable import add_lora, freeze_all_but_connector

WEIGHTS = "weights.safetensors"
_VALIDATION_SAMPLES = 128


class TrainingStopped(RuntimeError):
    """The loss is not a number, or nothing is to be learnt: going on would waste time."""


@dataclass(frozen=True)
class Job:
    """What a worker needs to know. It travels to the workers, so it holds plain values only."""

    stage: Literal["pretrain", "finetune"]
    layout: Format
    params: dict[str, Any]
    start: str
    shards: str
    seed: int
    turn_end: str
    end: str
    threads: int

    def training(self) -> Pretrain | Finetune:
        """The stage's section of params.yaml."""
        return (Pretrain if self.stage == "pretrain" else Finetune).model_validate(self.params)


def train_worker(job: Job) -> None:
    """Train from the last checkpoint, or from the start; the last checkpoint holds the learnt weights."""
    torch.set_num_threads(job.threads)
    torch.manual_seed(job.seed)
    params = job.training()
    rank, workers = ray.train.get_context().get_world_rank(), ray.train.get_context().get_world_size()
    dtype = torch.bfloat16 if params.precision == "bf16" else torch.float32
    model, processor = load_model(Path(job.start), dtype=dtype)
    markup = Markup(processor.image_token, processor.image_seq_length, job.turn_end, job.end)
    samples, held_out = (
        Samples(Path(job.shards), split, job.layout, processor, markup, params.max_length)
        for split in ("train", "validation")
    )
    plan = BatchPlan(samples.lengths, params.batch, params.micro_batch, params.epochs, job.seed)
    learner = add_lora(model, params) if isinstance(params, Finetune) else freeze_all_but_connector(model)
    engine = build_engine(learner.train(), params, plan.steps, workers)
    first, log = _resume(engine)
    if rank == 0 and first:
        print(f"{job.stage}: going on after step {first} of {plan.steps}", flush=True)
    meter = Meter()
    for number in range(first, plan.steps):
        loss, tokens = _step(engine, samples, plan.step(number)[rank::workers], workers)
        _check(loss, number, samples, plan.step(number))
        meter.loss += loss
        meter.norm += float(engine.get_global_grad_norm() or 0.0)
        meter.samples += params.batch
        meter.tokens += tokens
        meter.steps += 1
        done = number + 1
        if done % params.log_every == 0 or done == plan.steps:
            log.rows.append(meter.row(done, float(engine.get_lr()[0])))
            meter = Meter()
            if rank == 0:
                print(progress_line(job.stage, log.rows[-1], plan.steps, params.batch), flush=True)
        if done % params.checkpoint_every == 0 or done == plan.steps:
            log.validation.append(ValidationRow(done, _validate(engine, held_out, params.micro_batch)))
            _checkpoint(engine, log, done, last=done == plan.steps, rank=rank)


def _step(engine: Any, samples: Samples, micro_batches: Sequence[list[int]], workers: int) -> tuple[float, int]:
    """One optimiser step. Returns the mean loss over all workers' answer tokens, and all tokens read."""
    batches = [samples.batch(indices) for indices in micro_batches]
    counts = torch.tensor(
        [sum(int((b["labels"][:, 1:] != -100).sum()) for b in batches), sum(b["input_ids"].numel() for b in batches)],
        dtype=torch.float64,
    )
    dist.all_reduce(counts)
    # DeepSpeed averages over workers and micro-batches; the mean wanted is over answer tokens, wherever they lie.
    items = float(counts[0]) / (workers * len(batches))
    total = torch.zeros(1)
    for batch in batches:
        batch = {name: tensor.to(engine.device) for name, tensor in batch.items()}
        loss = engine(**batch, num_items_in_batch=items).loss
        engine.backward(loss)
        engine.step()
        total += loss.detach().float().cpu()
    dist.all_reduce(total)
    return float(total) / (workers * len(batches)), int(counts[1])


@torch.no_grad()
def _validate(engine: Any, held_out: Samples, micro_batch: int) -> float:
    """Mean loss over answer tokens of the first validation samples (every worker computes the same)."""
    engine.eval()
    total, count = 0.0, 0
    size = min(len(held_out), _VALIDATION_SAMPLES)
    for start in range(0, size, micro_batch):
        batch = held_out.batch(range(start, min(start + micro_batch, size)))
        tokens = int((batch["labels"][:, 1:] != -100).sum())
        batch = {name: tensor.to(engine.device) for name, tensor in batch.items()}
        total += float(engine(**batch, num_items_in_batch=1.0).loss)
        count += tokens
    engine.train()
    return total / count


def _check(loss: float, number: int, samples: Samples, micro_batches: Sequence[list[int]]) -> None:
    if math.isfinite(loss) and loss > 0:
        return
    indices = [index for batch in micro_batches for index in batch]
    raise TrainingStopped(
        f"step {number + 1}: loss is {loss}; samples {', '.join(samples.names(indices)[:8])} ... "
        "(a loss that is not a number: lower the learning rate; exactly 0: nothing in the batch is to be learnt)"
    )


def _checkpoint(engine: Any, log: Log, done: int, last: bool, rank: int) -> None:
    """Hand a checkpoint to Ray Train: all that is trained, optimiser, schedule, position and log."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine.save_checkpoint(name, tag="state", client_state={"done": done}, exclude_frozen_parameters=True)
        if rank == 0:
            log.save(folder)
            (folder / "position.json").write_text(json.dumps({"done": done}), encoding="utf-8")
        if last:
            _save_weights(engine, folder / WEIGHTS, rank)
        dist.barrier()
        ray.train.report(
            {"step": done, "loss": log.rows[-1].loss if log.rows else math.nan},
            checkpoint=ray.train.Checkpoint.from_directory(name),
        )


def _save_weights(engine: Any, path: Path, rank: int) -> None:
    """The learnt weights by name; under ZeRO 3 they are gathered first."""
    import deepspeed

    learnt = {name: p for name, p in engine.module.named_parameters() if p.requires_grad}
    stage3 = engine.zero_optimization_stage() == 3
    with deepspeed.zero.GatheredParameters(list(learnt.values()), enabled=stage3):
        if rank == 0:
            save_file({name: p.detach().cpu().contiguous() for name, p in learnt.items()}, path)


def _resume(engine: Any) -> tuple[int, Log]:
    """Steps done and the log of the last checkpoint, loaded into the engine; nothing where there is none."""
    checkpoint = ray.train.get_checkpoint()
    if checkpoint is None:
        return 0, Log()
    with checkpoint.as_directory() as name:
        engine.load_checkpoint(name, tag="state", load_module_strict=False)
        done = json.loads((Path(name) / "position.json").read_text(encoding="utf-8"))["done"]
        return int(done), Log.load(Path(name))
