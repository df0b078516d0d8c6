"""Runs in processes that are forked from one that has their libraries imported, to be killed with all they started."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from tests.model.tiny import ROOT


def lead_own_session(folder: Path, log: Path) -> None:
    """In the new process: a session and a folder of its own, what it prints into a file, and this code for others."""
    os.setsid()
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(ROOT)
    with log.open("wb") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)


def kill_family(pid: int | None) -> None:
    """SIGKILL to a process and to all that it has started, Ray's processes among them."""
    assert pid is not None  # to psutil that means this process
    with suppress(psutil.NoSuchProcess):  # it has ended by itself
        leader = psutil.Process(pid)
        for one in [leader, *leader.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
