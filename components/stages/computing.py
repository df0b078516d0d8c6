"""What holds while a stage computes, however it was started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from components.stages.family import StarterGone
from components.stages.orphans import ended_with_dvc
from components.stages.paths import SCRATCH
from components.stages.turn import own_turn


@contextmanager
def computing(package: str) -> Iterator[None]:
    """No other process computes the stage in this folder, and nothing of it outlives the DVC that started it."""
    stage = package.rpartition(".")[2]
    try:
        with ended_with_dvc(), own_turn(stage, SCRATCH):
            yield
    except StarterGone as error:
        raise StarterGone(f"{stage}: not begun, since {error}") from None
