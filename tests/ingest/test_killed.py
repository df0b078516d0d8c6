"""A run that is killed again and again ends with the same bytes as one that is left alone."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.ingest.project import declare, digests, make_project, write_params, write_set
from tests.stage_runs import finish, kill_at

SERIES, KILLS, ROWS = 4, 5, 2500
"""Twenty kills; each series of them begins from nothing."""
NOTES = "scratch/ingest/sources/*/chunks/*.notes.arrow"
"""What finished chunks leave behind."""


@pytest.mark.slow
def test_killed_at_twenty_moments_it_ends_with_the_same_bytes(tmp_path: Path, tokenizer_folder: Path) -> None:
    sources = [
        declare("first", write_set(tmp_path / "first", ROWS, seed=1)),
        declare("second", write_set(tmp_path / "second", ROWS, seed=2), stage="pretrain"),
    ]
    whole, project = (make_project(tmp_path / name, tokenizer_folder) for name in ("whole", "killed"))
    for folder in (whole, project):
        write_params(folder, sources)
    changes = finish(whole, "ingest")
    rng = random.Random(5)
    for _ in range(SERIES):
        shutil.rmtree(project / "scratch", ignore_errors=True)
        killed = 0
        while killed < KILLS:
            killed += attempt(project, rng.randint(1, changes // 2))
        chunks = {path: path.stat().st_mtime_ns for path in project.glob(NOTES)}
        remove_outputs(project)
        finish(project, "ingest")
        assert digests(project) == digests(whole)
        assert all(path.stat().st_mtime_ns == written for path, written in chunks.items())
        assert not list((project / "artifacts").rglob("*.part"))


def attempt(project: Path, change: int) -> bool:
    """A run that is killed at some change of its files; whether it had not ended by then."""
    remove_outputs(project)
    return kill_at(project, "ingest", change)


def remove_outputs(project: Path) -> None:
    """As DVC does before each attempt."""
    shutil.rmtree(project / "artifacts/ingest", ignore_errors=True)
