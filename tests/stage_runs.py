"""Runs of a stage by its own command, to their end or to a SIGKILL when so much has happened in its folder.

Each run is forked from one process that has the libraries imported: their import takes longer than the stage's work.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path

from tests.forked import kill_family, lead_own_session

HANG_SECONDS = 600
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["components.ingest.stage", "components.export.stage", "tests.model.tiny"])
_LOOK_SECONDS = 0.002
State = dict[str, tuple[int, int]]


def finish(project: Path, component: str) -> int:
    """A run to its end; how many changes were seen in the project's folder."""
    run = _Run(project, component)
    changes = run.watch(None)
    assert run.process.exitcode == 0, run.told()
    return changes


def kill_at(project: Path, component: str, change: int, prepare: Callable[[], None] | None = None) -> bool:
    """A run that is killed when so many changes have been seen; whether it had not ended by then.

    Args:
        project: where the stage runs.
        component: the stage's name.
        change: how many changes of files it lives to see.
        prepare: done in the run's process before the stage begins.
    """
    run = _Run(project, component, prepare)
    run.watch(change)
    run.kill()
    assert run.process.exitcode in (0, -signal.SIGKILL), run.told()
    return run.process.exitcode != 0


class _Run:
    """The stage's own command, leading a session of its own."""

    def __init__(self, project: Path, component: str, prepare: Callable[[], None] | None = None) -> None:
        self._project, self._log = project, project.with_name(f"{project.name}.log")
        self._seen = _state(project)
        self.process = _PROCESSES.Process(target=_command, args=(project, component, self._log, prepare))
        self.process.start()

    def watch(self, most: int | None) -> int:
        """Wait until it has ended or made so many changes; files that came, went or grew are counted."""
        changes, limit = 0, time.monotonic() + HANG_SECONDS
        while self.process.exitcode is None and (most is None or changes < most):
            assert time.monotonic() < limit, self.told()
            self.process.join(_LOOK_SECONDS)
            now = _state(self._project)
            changes += sum(now.get(path) != self._seen.get(path) for path in now.keys() | self._seen.keys())
            self._seen = now
        return changes

    def kill(self) -> None:
        """SIGKILL to the run and to all that it has started."""
        kill_family(self.process.pid)
        self.process.join()

    def told(self) -> str:
        """The end of what it has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:]


def _command(project: Path, component: str, log: Path, prepare: Callable[[], None] | None) -> None:
    """``python -m components.<component>`` in a process whose libraries are there."""
    lead_own_session(project, log)
    sys.argv = [component]
    _fork_its_workers()
    if prepare:
        prepare()
    runpy.run_module(f"components.{component}", run_name="__main__", alter_sys=True)


def _fork_its_workers() -> None:
    """From the run, where the stage would import the libraries once more for them."""
    fork = multiprocessing.get_context("fork")
    multiprocessing.get_context = lambda method=None: fork  # type: ignore[assignment,method-assign]
    forkserver.ensure_running = lambda: None


def _state(project: Path) -> State:
    """Size and time of all that the stage writes."""
    found = {}
    for folder in ("artifacts", "reports", "scratch"):
        for root, _, names in os.walk(project / folder):
            for name in names:
                path = os.path.join(root, name)
                try:
                    about = os.lstat(path)
                except FileNotFoundError:  # gone since its folder was read
                    continue
                found[path] = (about.st_size, about.st_mtime_ns)
    return found
