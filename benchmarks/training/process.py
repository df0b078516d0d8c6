"""One process as a world of its own, and jobs in fresh processes."""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist

from components.training.job import Job, set_up
from components.training.log import Log, Row
from components.training.loop import train

_KIB = 1024


@dataclass(frozen=True)
class Trial:
    """What a job showed: its logged rows, and the most memory that it took, in bytes.

    On a GPU that of the device, as PyTorch's allocator took it; otherwise the resident set of the whole process.
    """

    rows: list[Row]
    peak: int


@contextmanager
def alone(device: str) -> Iterator[None]:
    """torch.distributed with this process only."""
    backend = "nccl" if device == "gpu" else "gloo"
    dist.init_process_group(backend, store=dist.HashStore(), rank=0, world_size=1)
    try:
        yield
    finally:
        dist.destroy_process_group()


@contextmanager
def local_rank() -> Iterator[None]:
    """Tell DeepSpeed, which builds no engine without, that this is the machine's first process.

    Only for a while: transformers' Trainer would take it for a distributed launch.
    """
    os.environ["LOCAL_RANK"] = "0"
    try:
        yield
    finally:
        del os.environ["LOCAL_RANK"]


def try_out(job: Job) -> Trial:
    """Train a job to its end in a fresh process, as a worker does.

    Raises:
        torch.OutOfMemoryError: if the GPU is too small.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_train, job).result()


def _train(job: Job) -> Trial:
    logging.disable(logging.WARNING)
    device = job.params["device"]
    told: list[Any] = []
    with alone(device), local_rank():
        train(set_up(job, rank=0, found=None), 0, Log(), told.append, lambda checkpoint: None)
    peak = torch.cuda.max_memory_reserved() if device == "gpu" else _resident()
    return Trial([row for row in told if isinstance(row, Row)], peak)


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
