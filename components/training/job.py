"""What is to be trained, and all that a worker builds for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from components.model.loading import load_model
from components.params.schema import Finetune, Pretrain
from components.training.accelerators import find_accelerator
from components.training.batches import BatchPlan
from components.training.checkpoint import Checkpoint
from components.training.engine import Engine, prepare
from components.training.features import Say, keep_features
from components.training.flops import flop_rates
from components.training.labels import Format, Markup
from components.training.loop import Work
from components.training.mixture import read_mixture
from components.training.samples import Samples
from components.training.state import begin, restore
from components.training.trainable import add_lora, freeze_all_but_connector, load_weights


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
    threads: int = 1
    """Of torch, in each worker: known where it runs."""

    def training(self) -> Pretrain | Finetune:
        """The stage's section of params.yaml."""
        return (Pretrain if self.stage == "pretrain" else Finetune).model_validate(self.params)


def set_up(job: Job, rank: int, found: Checkpoint | None, say: Say = print) -> Work:
    """All that a worker needs, at the start or where a checkpoint left off. torch.distributed must be up.

    Args:
        job: what is trained.
        rank: the worker's number.
        found: a checkpoint to go on from.
        say: where it is told what takes long.
    """
    params = job.training()
    torch.set_num_threads(job.threads)
    torch.manual_seed(job.seed)
    dtype = torch.bfloat16 if params.precision == "bf16" else torch.float32
    model, processor = load_model(Path(job.start), dtype=dtype)
    markup = Markup(processor.image_token, processor.image_seq_length, job.turn_end, job.end)
    samples, held_out = (
        Samples(Path(job.shards), split, job.layout, processor, markup, params) for split in ("train", "validation")
    )
    mixture = read_mixture(Path(job.shards), samples.sources, job.seed)
    plan = BatchPlan(samples.lengths, params, job.seed, mixture)
    if params.device == "gpu":
        model = model.to(torch.device("cuda", torch.cuda.current_device()))
    keep_features(model, samples, held_out, params, say)
    learner = prepare(
        add_lora(model, params) if isinstance(params, Finetune) else freeze_all_but_connector(model), params
    )
    if found:
        load_weights(learner.model, found.weights)
    engine = Engine(learner.train(), params, plan.steps)
    if found:
        restore(engine, found.state, found.done)
    else:
        begin(engine, done=0)
    return Work(
        engine=engine,
        params=params,
        samples=samples,
        held_out=held_out,
        plan=plan,
        rank=rank,
        seed=job.seed,
        flop_rates=flop_rates(model.config, params.lora if isinstance(params, Finetune) else None),
        peak=_peak(params),
    )


def _peak(params: Pretrain | Finetune) -> float | None:
    """FLOP/s that all workers' devices can do in bf16, where it is known."""
    found = find_accelerator(torch.cuda.get_device_name()) if params.device == "gpu" else None
    return found.peak * params.workers if found else None
