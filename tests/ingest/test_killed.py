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

KILLS, ROWS = 20, 2500


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
    rng, kept = random.Random(5), 0
    for _ in range(KILLS):
        shutil.rmtree(project / "artifacts/ingest", ignore_errors=True)  # as DVC does before each attempt
        process = begin(project)
        try:
            process.wait(rng.uniform(0.2, 1.1) * seconds)
        except subprocess.TimeoutExpired:
            kill_all(process)
        before, kept = kept, len(list((project / "scratch/ingest/sources").glob("*/chunks/*.notes.arrow")))
        assert kept >= before
    assert kept > 0
    shutil.rmtree(project / "artifacts/ingest", ignore_errors=True)
    finish(project)
    assert digests(project) == digests(whole)
    assert not list((project / "artifacts").rglob("*.part"))
