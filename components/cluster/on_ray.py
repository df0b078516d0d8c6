"""Ray's workers, for work that needs no more than a function."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from components.cluster.session import ray_session

import ray  # isort: skip (the session has set up its environment first)

Item = TypeVar("Item")
Made = TypeVar("Made")
_AHEAD = 2
"""Items a core that are under way or wait for it."""


class RayWorkers:
    """All cores of the open session."""

    on_ray = True

    def __init__(self) -> None:
        self._ahead = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))

    def spread(self, work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """As components.cluster.workers.Workers."""
        task = ray.remote(_call)
        pending: deque[ray.ObjectRef] = deque()
        for item in items:
            pending.append(task.remote(work, item))
            if len(pending) > self._ahead:
                yield _result(pending.popleft())
        while pending:
            yield _result(pending.popleft())


@contextmanager
def ray_workers() -> Iterator[RayWorkers]:
    """Open a session for them."""
    with ray_session():
        yield RayWorkers()


def _call(work: Callable[[Item], Made], item: Item) -> Made:
    return work(item)  # Ray takes functions alone, not what is partly called


def _result(pending: Any) -> Any:
    """With an error as the work raised it, which Ray wraps."""
    try:
        return ray.get(pending)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
