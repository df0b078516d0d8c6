"""`run-stage` away from the repository: data travels through DVC's remote, and home takes the result."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUN_STAGE = Path(__file__).resolve().parents[2] / "infra" / "images" / "run-stage"

PIPELINE = """
stages:
  first:
    cmd: echo data > first.txt && echo 1 >> counter
    params: [seed]
    outs: [first.txt]
  second:
    cmd: cat first.txt first.txt > second.txt && echo 2 >> counter
    deps: [first.txt]
    outs: [second.txt]
"""
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=600)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The repository, with its first stage run and pushed."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "dvc.yaml").write_text(PIPELINE)
    (home / "params.yaml").write_text("seed: 1\n")
    for command in (
        ["git", "init", "--quiet"],
        ["dvc", "init", "--quiet"],
        ["dvc", "remote", "add", "--quiet", "--default", "store", str(tmp_path / "remote")],
        ["dvc", "repro", "--quiet", "first"],
        ["dvc", "push", "--quiet"],
    ):
        result = run(home, *command)
        assert result.returncode == 0, result.stderr
    return home


@pytest.mark.slow
def test_takes_what_the_stage_needs_and_hands_back_what_it_made(home: Path, tmp_path: Path) -> None:
    away, pipeline = tmp_path / "away", tmp_path / "pipeline"
    away.mkdir()
    pipeline.mkdir()
    for file in ("dvc.yaml", "dvc.lock", "params.yaml"):
        shutil.copy(home / file, pipeline)
    shutil.copy(home / ".dvc" / "config", pipeline / "dvc-config")

    result = run(away, RUN_STAGE, "second", pipeline)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (away / "second.txt").read_text() == "data\ndata\n"
    assert (away / "counter").read_text() == "2\n"

    assert run(home, "dvc", "pull", "--quiet", "--run-cache", "first").returncode == 0
    result = run(home, "dvc", "repro", "--single-item", "--pull", "second")
    assert result.returncode == 0, result.stderr
    assert "is cached - skipping run" in result.stdout
    assert (home / "second.txt").read_text() == "data\ndata\n"
    assert (home / "counter").read_text() == "1\n"


def test_says_which_file_is_missing(tmp_path: Path) -> None:
    result = run(tmp_path, RUN_STAGE, "second", tmp_path)
    assert result.returncode == 1
    assert "dvc.yaml is missing" in result.stderr
