"""One training stage, from shards to learnt weights, on Ray Train."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import ray
from ray.train import CheckpointConfig, FailureConfig, LoggingConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchConfig, TorchTrainer
from torch import Tensor

from components.cluster.session import ray_session, require_resources
from components.files.digest import folder_digest
from components.params.schema import Finetune, Params, Pretrain
from components.stages.paths import REPORTS, SCRATCH
from components.training.checkpoint import Checkpoint
from components.training.job import Job
from components.training.labels import Format
from components.training.log import Log
from components.training.loop import TrainingStopped
from components.training.storage import open_storage
from components.training.watch import TellLostWorkers, Watch
from components.training.wire import Wire
from components.training.worker import Assignment, train_worker

_FOOTER = 65536
_WHERE_AND_HOW = {
    "workers", "device", "zero_stage", "gradient_checkpointing", "loader_processes", "log_every", "checkpoint_every",
    "max_failures",
}  # fmt: skip
"""Keys that do not decide what is learnt: a run goes on from its checkpoints when they change."""


@dataclass(frozen=True)
class Trained:
    """What training gives: learnt weights by name, and the log."""

    weights: dict[str, Tensor]
    log: Log


def train(params: Params, stage: Literal["pretrain", "finetune"], layout: Format, start: Path, shards: Path) -> Trained:
    """Run a stage's training, going on where an earlier attempt with the same parameters and data stopped.

    Raises:
        TrainingStopped: if the loss is not a number or nothing is to be learnt, naming the samples.
        ClusterTooSmall: if the cluster has too few CPUs or GPUs.
    """
    section = params.pretrain if stage == "pretrain" else params.finetune
    key = _key(params, stage, start, shards)
    with ray_session(show_workers=False):
        require_resources(section.workers, section.workers if section.device == "gpu" else 0, f"{stage}.workers")
        cpus = max(1, int(ray.cluster_resources()["CPU"]) // section.workers)
        wire = Wire()
        job = Job(
            stage=stage,
            layout=layout,
            params=section.model_dump(),
            start=str(start.absolute()),
            shards=str(shards.absolute()),
            seed=params.seed,
            turn_end=params.model.tokens.turn_end.text,
            end=params.model.tokens.end.text,
            threads=cpus,
        )
        tensorboard = SCRATCH / "tensorboard" / key if params.run.tensorboard else None
        watch = Watch(stage, section.batch, REPORTS / stage, tensorboard)
        trainer = _trainer(Assignment(job, wire), section, key, params.run.checkpoints)
        with watch.follow(wire):
            result = trainer.fit()
        if watch.stopped:
            raise TrainingStopped(f"{stage}: {watch.stopped}")
        if result.checkpoint is None:
            raise RuntimeError(f"{stage}: training ended without a checkpoint: {result.error}")
        with result.checkpoint.as_directory() as folder:
            last = Checkpoint.load(Path(folder))
        return Trained(last.weights, last.log)


def _trainer(assignment: Assignment, section: Pretrain | Finetune, key: str, checkpoints: str) -> TorchTrainer:
    storage = open_storage(checkpoints)
    return TorchTrainer(
        train_worker,
        train_loop_config=assignment,
        torch_config=TorchConfig(backend="nccl" if section.device == "gpu" else "gloo"),
        scaling_config=ScalingConfig(
            num_workers=section.workers,
            use_gpu=section.device == "gpu",
            resources_per_worker={"CPU": assignment.job.threads},
        ),
        run_config=RunConfig(
            name=key,
            storage_path=storage.path,
            storage_filesystem=storage.filesystem,
            failure_config=FailureConfig(max_failures=section.max_failures),
            checkpoint_config=CheckpointConfig(num_to_keep=2),
            logging_config=LoggingConfig(log_level="WARNING"),
            callbacks=[TellLostWorkers(assignment.wire)],
        ),
    )


def _key(params: Params, stage: str, start: Path, shards: Path) -> str:
    """Names the run by all that decides its outcome, so that only the same run goes on from its checkpoints."""
    digest = hashlib.sha256()
    section = getattr(params, stage).model_dump(exclude=_WHERE_AND_HOW)
    values = {"seed": params.seed, "model": params.model.model_dump(), stage: section}
    digest.update(json.dumps(values, sort_keys=True, ensure_ascii=False).encode())
    digest.update(folder_digest(start).encode())
    for path in sorted(path for path in shards.rglob("*") if path.is_file()):
        digest.update(f"{path.name} {path.stat().st_size}".encode())
        with path.open("rb") as file:
            # A Parquet file says at its end what it holds; shards are too large to hash whole.
            file.seek(-min(_FOOTER, path.stat().st_size), 2)
            digest.update(file.read(_FOOTER))
    return f"{stage}-{digest.hexdigest()[:12]}"
