"""A home in which nothing can be written is told in a line, before libraries fail on it in theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.stages.home import NoHome, require_home
from tests.model.tiny import ROOT


def test_a_home_that_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "not yet there"))
    require_home()
    assert list(tmp_path.iterdir()) == [tmp_path / "not yet there"]
    assert not list((tmp_path / "not yet there").iterdir())


@pytest.mark.parametrize("home", ["/dev/null", "/dev/null/below", "/proc/nobody"])
def test_a_home_that_cannot(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("HOME", home)
    with pytest.raises(NoHome, match=r"HOME cannot be used \(.+\): set it to a folder"):
        require_home()


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "infra.run_demo"],
        ["-c", "from components.stages.command import run_command\nfrom components.cluster.session import ray_session\n"
         "def work():\n    with ray_session():\n        pass\nrun_command(work)"],
    ],
)  # fmt: skip
def test_what_needs_one_ends_with_a_line(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=os.environ | {"HOME": "/dev/null"}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "error: HOME cannot be used" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
