"""One process at a time computes a stage of a project: two would write the same files in its scratch folder."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from components.files.atomic import write_json

_LOOK_EVERY_SECONDS = 0.5


@contextmanager
def own_turn(stage: str, scratch: Path) -> Iterator[None]:
    """The time in which this process alone computes the stage; while another does, wait, and say for whom.

    The kernel takes the lock back from a process that was killed, so a dead one is never waited for.
    """
    folder = scratch / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock, note = FileLock(folder / f"{stage}.lock"), folder / f"{stage}.json"
    _acquire(lock, note, stage)
    try:
        write_json(note, {"pid": os.getpid(), "command": " ".join(psutil.Process().cmdline())})
        yield
    finally:
        lock.release()


def _acquire(lock: FileLock, note: Path, stage: str) -> None:
    said = None
    while True:
        try:
            lock.acquire(timeout=0)
            return
        except Timeout:
            holder = _holder(note)
        if holder != said:
            print(f"{stage}: waiting until {holder} has ended, which computes this stage in this folder", flush=True)
            said = holder
        time.sleep(_LOOK_EVERY_SECONDS)


def _holder(note: Path) -> str:
    """Process number and command of who has the lock, as far as it is written down."""
    try:
        held = json.loads(note.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return "another process"
    return f"process {held['pid']} ({held['command']})"
