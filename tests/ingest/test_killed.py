"""A run that is killed again and again ends with the same bytes as one that is left alone."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.ingest.project import ROOT, declare, digests, make_project, write_params, write_set

SERIES, KILLS, ROWS = 4, 5, 2500
"""Twenty kills; each series of them begins from nothing."""
NOTES = "scratch/ingest/sources/*/chunks/*.notes.arrow"
"""What finished chunks leave behind."""


def begin(project: Path) -> subprocess.Popen[bytes]:
    """The stage's own command, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "components.ingest"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(project: Path) -> float:
    """A run to its end; its seconds."""
    began = time.monotonic()
    process = begin(project)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 0, told.decode()
    return time.monotonic() - began


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the run and to all that it has started, Ray's processes among them."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for one in family:
        if one.is_running():
            one.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.slow
def test_killed_at_twenty_moments_it_ends_with_the_same_bytes(tmp_path: Path, tokenizer_folder: Path) -> None:
    sources = [
        declare("first", write_set(tmp_path / "first", ROWS, seed=1)),
        declare("second", write_set(tmp_path / "second", ROWS, seed=2), stage="pretrain"),
    ]
    whole, project = (make_project(tmp_path / name, tokenizer_folder) for name in ("whole", "killed"))
    for folder in (whole, project):
        write_params(folder, sources)
    seconds = finish(whole)
    rng = random.Random(5)
    for _ in range(SERIES):
        shutil.rmtree(project / "scratch", ignore_errors=True)
        for _ in range(KILLS):
            attempt(project, rng.uniform(0.3, 1.0) * seconds)
        chunks = {path: path.stat().st_mtime_ns for path in project.glob(NOTES)}
        remove_outputs(project)
        finish(project)
        assert digests(project) == digests(whole)
        assert all(path.stat().st_mtime_ns == written for path, written in chunks.items())
        assert not list((project / "artifacts").rglob("*.part"))


def attempt(project: Path, seconds: float) -> None:
    """A run that is killed after some seconds, unless it has ended by then."""
    remove_outputs(project)
    process = begin(project)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        kill_all(process)


def remove_outputs(project: Path) -> None:
    """As DVC does before each attempt."""
    shutil.rmtree(project / "artifacts/ingest", ignore_errors=True)
