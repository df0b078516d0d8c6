"""One training stage, from shards to learnt weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from torch import Tensor

from components.params.schema import Params
from components.stages.paths import REPORTS, SCRATCH
from components.training.job import Job
from components.training.key import drop_other_runs, run_key
from components.training.labels import Format
from components.training.log import Log
from components.training.loop import TrainingStopped
from components.training.store import CheckpointStore
from components.training.watch import Watch


@dataclass(frozen=True)
class Trained:
    """What training gives: learnt weights by name, and the log."""

    weights: dict[str, Tensor]
    log: Log


def train(params: Params, stage: Literal["pretrain", "finetune"], layout: Format, start: Path, shards: Path) -> Trained:
    """Run a stage's training, going on where an earlier attempt that is the same by its key stopped.

    Raises:
        TrainingStopped: if the loss is not a number or nothing is to be learnt, naming the samples.
        ClusterTooSmall: if the cluster has too few CPUs or GPUs.
    """
    section = params.pretrain if stage == "pretrain" else params.finetune
    key = run_key(params, stage, start, shards)
    store = CheckpointStore.of(params.run.checkpoints, key)
    last = store.last()
    if last is not None and last.is_final:
        print(f"{stage}: all {last.steps} steps are done already ({store.folder})", flush=True)
        return Trained(last.weights, last.log)
    # Here, so that what is done already is taken up without Ray.
    from components.training.launch import launch

    job = Job(
        stage=stage,
        layout=layout,
        params=section.model_dump(),
        start=str(start.absolute()),
        shards=str(shards.absolute()),
        seed=params.seed,
        turn_end=params.model.tokens.turn_end.text,
        end=params.model.tokens.end.text,
    )
    tensorboard = SCRATCH / "tensorboard" / key if params.run.tensorboard else None
    watch = Watch(stage, section.batch, REPORTS / stage, tensorboard)
    try:
        launch(job, store, watch)
    finally:
        watch.close()
    if watch.stopped:
        raise TrainingStopped(f"{stage}: {watch.stopped}")
    last = store.last()
    if last is None or not last.is_final:
        raise RuntimeError(f"{stage}: training ended, but its last checkpoint is not in {store.folder}")
    for dropped in drop_other_runs(params.run.checkpoints, key):
        print(f"{stage}: removed the checkpoints of {dropped}, an older run", flush=True)
    return Trained(last.weights, last.log)
