"""`make demo` on a small DVC project of its own: real DVC, stages that take no time."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.waiting import wait_until_gone

ROOT = Path(__file__).resolve().parents[2]

STAGE = """
import pathlib, sys, time
name = sys.argv[1]
print("working on", name, flush=True)
if pathlib.Path("slow").exists():
    time.sleep(3600)
if pathlib.Path("broken").exists():
    sys.exit("no luck with " + name)
pathlib.Path(name + ".txt").write_text(name)
"""

PIPELINE = """
stages:
  first:
    cmd: python stage.py first
    outs: [first.txt]
  second:
    cmd: python stage.py second
    deps: [first.txt]
    outs: [second.txt]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A DVC project with two stages, and the demo's runner in it."""
    shutil.copytree(ROOT / "infra", tmp_path / "infra", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "stage.py").write_text(STAGE)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    for command in (["git", "init", "--quiet"], [sys.executable, "-m", "dvc", "init", "--quiet"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    return tmp_path


def start(project: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "infra.run_demo"],
        cwd=project,
        env={**os.environ, "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def demo(project: Path) -> tuple[int, str]:
    process = start(project)
    output, _ = process.communicate(timeout=600)
    return process.returncode, output


def cells(output: str, stage: str) -> list[str]:
    row = next(line for line in output.splitlines() if line.startswith("│ " + stage))
    return [cell.strip() for cell in row.strip("│").split("│")]


def test_runs_everything_once(project: Path) -> None:
    status, output = demo(project)
    assert status == 0, output
    assert "working on second" in output
    assert cells(output, "first")[1] == cells(output, "second")[1] == "ran"
    assert float(cells(output, "second")[2]) > 0
    assert "make dashboard" in output

    status, output = demo(project)
    assert status == 0, output
    assert "working on" not in output
    assert cells(output, "second")[1] == "up to date"


def test_a_failed_stage_is_named_and_the_next_run_goes_on(project: Path) -> None:
    demo_status, _ = demo(project)
    assert demo_status == 0
    (project / "dvc.yaml").write_text(PIPELINE.replace("stage.py second", "stage.py  second"))
    (project / "broken").touch()
    status, output = demo(project)
    assert status == 1
    assert "Stage second failed" in output
    assert "no luck with second" in output
    assert "make demo" in output
    assert cells(output, "first")[1] == "up to date"
    assert cells(output, "second")[1] == "failed"

    (project / "broken").unlink()
    status, output = demo(project)
    assert status == 0, output
    assert cells(output, "second")[1] == "ran"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_goes_on_after_its_processes_were_killed(project: Path, how: signal.Signals) -> None:
    (project / "slow").touch()
    process = start(project)
    assert process.stdout is not None
    for line in process.stdout:
        if "working on first" in line:
            break
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, how)
    assert process.wait(timeout=600) != 0
    process.stdout.close()
    wait_until_gone(*(one.pid for one in family))

    (project / "slow").unlink()
    status, output = demo(project)
    assert status == 0, output
    assert cells(output, "first")[1] == "ran"


@pytest.mark.parametrize("killed", ["make", "infra.run_demo", "repro"])
def test_nothing_outlives_the_demo_whichever_of_its_processes_is_killed(project: Path, killed: str) -> None:
    (project / "slow").touch()
    (project / "Makefile").write_text(f"demo:\n\t@{sys.executable} -m infra.run_demo; true\n")
    with subprocess.Popen(["make", "demo"], cwd=project, stdout=subprocess.PIPE, start_new_session=True) as make:
        assert make.stdout is not None
        for line in make.stdout:
            if b"working on first" in line:
                break
        family = [psutil.Process(make.pid), *psutil.Process(make.pid).children(recursive=True)]
        assert any("stage.py" in one.cmdline() for one in family)
        # As an argument of its own, which it is in no shell's command.
        next(one for one in family if killed in one.cmdline()[:4]).kill()
        wait_until_gone(*(one.pid for one in family))
