"""Work for all cores: by processes of this machine, or by the Ray cluster at RAY_ADDRESS."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


class Workers(Protocol):
    """Whoever does the work."""

    on_ray: bool
    """Whether that is Ray, so that Ray Data can be used, too."""

    def spread(self, work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """What ``work`` makes of each item, in their order; some items are taken ahead of what is asked for."""


class _Here:
    """Nobody else: what is small needs no other process."""

    on_ray = False

    def spread(self, work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        return map(work, items)


_open: list[Workers] = [_Here()]


@contextmanager
def open_workers(preload: Sequence[str] = ()) -> Iterator[None]:
    """For the time of a stage, work that is ``spread`` is done by all cores. Without, it is done in this process.

    Args:
        preload: modules that processes of this machine need; they are imported once for all of them.
    """
    opened: AbstractContextManager[Workers]
    if os.environ.get("RAY_ADDRESS"):
        # Imported here: one machine does without, and it takes seconds.
        from components.cluster.on_ray import ray_workers

        opened = ray_workers()
    else:
        from components.cluster.processes import processes

        opened = processes(preload)
    with using(opened):
        yield


@contextmanager
def using(opened: AbstractContextManager[Workers]) -> Iterator[None]:
    """The same with these workers."""
    with opened as workers:
        _open.append(workers)
        try:
            yield
        finally:
            _open.pop()


def spread(work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """What ``work`` makes of each item, in their order, by the workers that are open.

    Args:
        work: something that can be pickled: a function of a module, or a partial of one.
        items: taken a few at a time, so that there may be any number of them.

    Raises:
        WorkerLost: if a process was killed; what others have finished by then, they have finished.
    """
    return _open[-1].spread(work, items)


def on_ray() -> bool:
    """Whether the open workers are Ray's."""
    return _open[-1].on_ray
