"""Which processes belong to a run, who started it, and how all of it is ended."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from contextlib import suppress

import psutil

from components.stages.errors import UserError

MARKS = "SMALL_KOREAN_VLM_RUNS"
"""Environment variable with the marks of the runs that a process is part of. What a process starts inherits it, also
in a session of its own, as Ray's processes are, and keeps it when its parent is gone: a tree does not."""
GUARD = "components.stages.guard"
"""A guard is part of no run, since it has to outlive it."""
GRACE_SECONDS = 4.0
"""Time between SIGTERM and SIGKILL."""
_LIMIT_SECONDS = 60.0
"""Until then, what even SIGKILL does not end is waited for: it hangs in the kernel, on a disk that does not answer."""
_LOOK_EVERY_SECONDS = 0.05


class StarterGone(UserError):
    """Who started this process has ended already."""


def with_mark(marks: str | None, mark: str) -> str:
    """The variable's value with one mark more: a stage's run is part of a flow's."""
    return f"{marks}:{mark}" if marks else mark


def starter(variable: str) -> psutil.Process | None:
    """The process that put this environment variable there for what it starts: the nearest ancestor in whose own
    environment it stands otherwise, or not at all. None where the variable is not set, or came from elsewhere.

    Raises:
        StarterGone: if that process has ended, so that what is found is who adopts orphans.
    """
    value = os.environ.get(variable)
    if value is None:
        return None
    ancestor = next((one for one in psutil.Process().parents() if _environment(one).get(variable) != value), None)
    # On the way here nobody opened a session, unless it leads through another program or machine. Who adopts orphans
    # has one of its own; in a container, process 1 may be whatever was started there, and then is in ours.
    if ancestor is None or _session(ancestor.pid) == os.getsid(0):
        return ancestor
    if ancestor.pid == 1 or ancestor.name() == "systemd":
        raise StarterGone(f"the process that set {variable}={value} has ended")
    return None


def lives(pid: int) -> bool:
    """Whether there is such a process that still runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end(marks: Collection[str], root: psutil.Process | None = None) -> int:
    """End all processes of these runs, with ``root`` and all that has come from it if given; return how many."""
    started, asked = time.monotonic(), set[psutil.Process]()
    while left := _members(marks, root):
        seconds = time.monotonic() - started
        if seconds > _LIMIT_SECONDS:
            break
        for process in left:
            with suppress(psutil.Error):
                if seconds > GRACE_SECONDS:
                    process.kill()
                elif process not in asked:
                    process.terminate()
        asked.update(left)
        # Not psutil's wait, which would take the exit code of this process's own child from subprocess.
        time.sleep(_LOOK_EVERY_SECONDS)
    return len(asked)


def _members(marks: Collection[str], root: psutil.Process | None) -> list[psutil.Process]:
    """The living ones, without this process."""
    found = {one for one in psutil.process_iter() if not _marks(one).isdisjoint(marks)}
    if root is not None:
        # Its forks have the environment with which it began, before it was marked.
        with suppress(psutil.Error):
            found |= {root, *root.children(recursive=True)}
    return [one for one in found if one.pid != os.getpid() and lives(one.pid) and not _guards(one)]


def _guards(process: psutil.Process) -> bool:
    try:
        return GUARD in process.cmdline()
    except psutil.Error:
        return False


def _marks(process: psutil.Process) -> set[str]:
    return set(_environment(process).get(MARKS, "").split(":"))


def _environment(process: psutil.Process) -> dict[str, str]:
    """With which it was started; of another user's, nothing."""
    try:
        return process.environ()
    except psutil.Error:
        return {}


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
