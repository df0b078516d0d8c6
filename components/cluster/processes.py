"""Workers of this machine: a process a core, by the standard library. They end with the process that opened them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from typing import TypeVar

from components.cluster.errors import WorkerLost
from components.cluster.machine import cores

Item = TypeVar("Item")
Made = TypeVar("Made")
_AHEAD = 2
"""Items a process that are under way or wait for it."""
_THREADS = "OMP_NUM_THREADS"
"""Libraries that compute would each take all cores; a worker has one."""


class Processes:
    """Each starts when there is work for it."""

    on_ray = False

    def __init__(self, executor: ProcessPoolExecutor, count: int) -> None:
        self._executor, self._ahead = executor, _AHEAD * count

    def spread(self, work: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
        """As components.cluster.workers.Workers."""
        pending: deque[Future[Made]] = deque()
        try:
            for item in items:
                pending.append(self._executor.submit(work, item))
                if len(pending) > self._ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool:
            raise WorkerLost(
                "a worker process ended before its work did: it was killed, as the system does where memory runs out; "
                "run the stage again, it goes on with what is not finished"
            ) from None
        finally:
            for future in pending:
                future.cancel()


@contextmanager
def processes(preload: Sequence[str], count: int | None = None) -> Iterator[Processes]:
    """Open them; leaving with an error ends them at once.

    Args:
        preload: modules that are imported once, in the process that all others are forked from.
        count: None: one a core that this process may use.
    """
    count = count or cores()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    _start_importing()
    alive, mine = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(count, context, _begin, (alive,))
    try:
        yield Processes(executor, count)
        executor.shutdown()
    finally:
        mine.close()
        executor.shutdown(cancel_futures=True)
        alive.close()


def _start_importing() -> None:
    """Start the process that others are forked from, while this one has other things to do."""
    before = os.environ.get(_THREADS)
    os.environ.setdefault(_THREADS, "1")
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ[_THREADS]


def _begin(alive: Connection) -> None:
    """In a new process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is told to all; the one that opened this ends it
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()


def _end_with(alive: Connection) -> None:
    """Wait until nobody holds the other end of a pipe, however that came about; then end this process."""
    alive.poll(None)
    os._exit(1)
