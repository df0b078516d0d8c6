"""A process that is killed with a Ray session open leaves neither Ray's processes nor its folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.model.tiny import ROOT
from tests.waiting import wait_until, wait_until_gone

PROGRAM = """
from components.stages.orphans import ended_with_dvc
with ended_with_dvc():
    import ray
    from components.cluster.session import ray_session
    with ray_session():
        @ray.remote
        def task():
            print("at work", flush=True)
            __import__("threading").Event().wait()
        ray.get(task.remote())
"""


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A temporary folder with a path that is short enough for Ray's sockets."""
    folder = Path(tempfile.mkdtemp(prefix="t", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
def test_nothing_of_ray_outlives_a_killed_process(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.delenv("DVC_STAGE", raising=False)
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert any("at work" in line for line in process.stdout)
        running = psutil.Process(process.pid).children(recursive=True)
        assert {"raylet", "gcs_server"} <= {one.name() for one in running}
        assert len(list(temporary.glob("ray-*"))) == 2  # with its lock
        process.kill()
        wait_until_gone(*(one.pid for one in running))
    wait_until(lambda: not list(temporary.glob("ray-*")), "the end of Ray's folder")
