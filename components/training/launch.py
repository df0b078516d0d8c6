"""Where workers run: the only one of one machine in this process, all others by Ray on its machines."""

from __future__ import annotations

import logging
from dataclasses import replace

import torch
from ray.train import FailureConfig, LoggingConfig, RunConfig, ScalingConfig, UserCallback
from ray.train.torch import TorchConfig, TorchTrainer

from components.cluster.errors import ClusterTooSmall
from components.cluster.machine import is_alone
from components.params.schema import Finetune, Pretrain
from components.training.job import Job
from components.training.store import CheckpointStore
from components.training.watch import Watch
from components.training.wire import Lost, Wire, followed
from components.training.worker import Assignment, train_worker


def launch(job: Job, store: CheckpointStore, watch: Watch) -> None:
    """Train until the last checkpoint is in the store, or until a worker has told why it cannot be.

    Raises:
        ClusterTooSmall: if there are too few CPUs or GPUs.
    """
    section = job.training()
    if is_alone(section.workers):
        _train_here(job, section, store, watch)
    else:
        _train_on_ray(job, section, store, watch)


def _train_here(job: Job, section: Pretrain | Finetune, store: CheckpointStore, watch: Watch) -> None:
    """Ray Train's local mode: the worker's function in this process, and no cluster."""
    if section.device == "gpu" and not torch.cuda.is_available():
        raise ClusterTooSmall(
            f"{job.stage}.device is gpu, but torch finds none on this machine: use cpu, or RAY_ADDRESS"
        )
    logging.getLogger("ray.train").setLevel(logging.WARNING)  # it would announce the mode, and where to report bugs
    assignment = Assignment(replace(job, threads=torch.get_num_threads()), store, watch.show)
    TorchTrainer(train_worker, train_loop_config=assignment, scaling_config=ScalingConfig(num_workers=0)).fit()


def _train_on_ray(job: Job, section: Pretrain | Finetune, store: CheckpointStore, watch: Watch) -> None:
    import ray

    from components.cluster.session import ray_session, require_resources

    with ray_session(show_workers=False):
        is_gpu = section.device == "gpu"
        require_resources(section.workers, section.workers if is_gpu else 0, f"{job.stage}.workers")
        threads = max(1, int(ray.cluster_resources()["CPU"]) // section.workers)
        wire = Wire()
        place = store.ray_storage()
        trainer = TorchTrainer(
            train_worker,
            train_loop_config=Assignment(replace(job, threads=threads), store, wire.send),
            torch_config=TorchConfig(backend="nccl" if is_gpu else "gloo"),
            scaling_config=ScalingConfig(
                num_workers=section.workers, use_gpu=is_gpu, resources_per_worker={"CPU": threads}
            ),
            run_config=RunConfig(
                name="ray",
                storage_path=place.path,
                storage_filesystem=place.filesystem,
                failure_config=FailureConfig(max_failures=section.max_failures),
                logging_config=LoggingConfig(log_level="WARNING"),
                callbacks=[_TellLostWorkers(wire)],
            ),
        )
        with followed(wire, watch.show):
            trainer.fit()


class _TellLostWorkers(UserCallback):
    """Tells of workers that ended with an error, which Ray Train replaces without a word."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def after_exception(self, run_context: object, worker_exceptions: dict[int, Exception]) -> None:
        """See Ray Train's UserCallback."""
        first = next(iter(worker_exceptions.values()))
        self._wire.send(Lost(tuple(sorted(worker_exceptions)), f"{type(first).__name__}: {first}"))
