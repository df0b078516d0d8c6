"""Runs of a stage by its own command, to their end or to a SIGKILL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.model.tiny import ROOT


def finish(project: Path, component: str, limit: float) -> float:
    """A run to its end, within so many seconds; its seconds."""
    began = time.monotonic()
    process = _begin(project, component)
    _, told = process.communicate(timeout=limit)
    assert process.returncode == 0, told.decode()[-3000:]
    return time.monotonic() - began


def kill_after(project: Path, component: str, seconds: float) -> None:
    """A run that is killed after some seconds, unless it has ended by then."""
    process = _begin(project, component)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        _kill_all(process)


def _begin(project: Path, component: str) -> subprocess.Popen[bytes]:
    """The stage's own command, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", f"components.{component}"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the run and to all that it has started, Ray's processes among them."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for one in family:
        if one.is_running():
            one.send_signal(signal.SIGKILL)
    process.communicate()
