"""The pipeline whose DVC is killed in each of its stages: nothing runs on, and it ends as if it had been left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.same_outputs import differences
from tests.test_pipeline import ROOT, STAGES, edit, run, shrink
from tests.waiting import wait_until

pytestmark = [pytest.mark.nightly, pytest.mark.slow, pytest.mark.timeout(3600)]

SOME_WORK_DONE = {
    "backbones": "scratch/locks/backbones.json",
    "ingest": "scratch/ingest/sources/*/chunks/*.notes.arrow",
    "pretrain": "scratch/training/pretrain-*/step-*",
    "finetune": "scratch/training/finetune-*/step-*",
    "evaluate": "scratch/evaluate/*/*.parquet",
    "export": "scratch/export/writing/bundles/*/manifest.json",
}
"""What a stage has written when it is killed; backbones is at its end soon after it has begun."""
SECONDS_TO_END = 10.0
BENCHMARKS = ("k-mmbench-demo", "k-llava-w-demo", "captions-demo", "ocr-box-demo")
"""A choice, what only a judge could rate, a caption and a box."""


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of the pipeline's own, with a path that is short enough for Ray's sockets."""
    folder = Path(tempfile.mkdtemp(prefix="t", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder)


def clone(folder: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    edit(folder, shrink)
    edit(folder, divide)
    return folder


def divide(values: Any) -> None:
    """A checkpoint after each two steps, so that training is killed in its midst; and less of what takes long."""
    for stage in ("pretrain", "finetune"):
        values[stage]["checkpoint_every"] = 2
    ingest = values["ingest"]
    ingest["benchmarks"] = [one for one in ingest["benchmarks"] if one["name"] in BENCHMARKS]
    values["export"]["bundles"] = values["export"]["bundles"][:1]


def kill_dvc_in(stage: str, project: Path, temporary: Path) -> float:
    """SIGKILL to ``dvc repro`` when the stage has done some of its work; the seconds in which all has ended."""
    log, path = project.parent / f"{stage}.log", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with log.open("wb") as output:
        dvc = subprocess.Popen(
            ["dvc", "repro"], cwd=project, env=os.environ | {"PATH": path}, stdout=output, stderr=output
        )
        wait_until(lambda: any(project.glob(SOME_WORK_DONE[stage])) or dvc.poll() is not None, stage, 600)
        assert dvc.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        assert f"components.{stage}" in " ".join(commands(project))
        dvc.kill()
        seconds = wait_until(lambda: not commands(project), f"the end of {stage}", SECONDS_TO_END)
        dvc.wait()
    assert not list(temporary.glob("ray-*"))
    return seconds


def commands(project: Path) -> list[str]:
    """Command lines of all that DVC has had started in the project, wherever it hangs in the tree of processes."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("DVC_ROOT") == str(project):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def test_killed_in_each_stage_it_ends_as_if_it_had_been_left_alone(tmp_path: Path, temporary: Path) -> None:
    killed = clone(tmp_path / "killed")
    for stage in STAGES:
        print(stage, f"{kill_dvc_in(stage, killed, temporary):.1f} s", flush=True)
    run(killed, "dvc", "repro")
    whole = clone(tmp_path / "whole")
    run(whole, "dvc", "repro")
    assert differences(killed, whole) == []
    assert run(killed, "dvc", "status").startswith("Data and pipelines are up to date.")
