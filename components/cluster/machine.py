"""This machine, and whether a stage's work stays on it. Apart from the session, since importing that brings Ray."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext


def cores() -> int:
    """What this process may use, which can be less than there is."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_cores() -> None:
    """Let OpenMP's threads spin only shortly before they sleep, when they wait for each other. To be called before
    torch is imported.

    On a machine that others use, too, threads that spin take the cores from those that they wait for: a training step
    of the demo beside two busy processes took ten times as long. Threads that sleep at once are slower alone, by a
    fifth there; so short a time was the fastest of all.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def is_alone(workers: int) -> bool:
    """Whether one worker does all the work on this machine, so that no cluster is needed for it."""
    return workers == 1 and not os.environ.get("RAY_ADDRESS")


def needs_ray(actors: int | None, is_gpu: bool) -> bool:
    """Whether so many actors (None: one a GPU, or one that has all the cores) are more than the stage's own process."""
    return not is_alone((_gpus() if is_gpu else 1) if actors is None else actors)


def ray_if(needed: bool) -> AbstractContextManager[None]:
    """A Ray session, or none."""
    if not needed:
        return nullcontext()
    # Imported here: that takes seconds.
    from components.cluster.session import ray_session

    return ray_session(show_workers=False)


def _gpus() -> int:
    """Those of this machine; one, if there is none, so that whoever looks for it says so."""
    import torch

    return max(1, torch.cuda.device_count())
