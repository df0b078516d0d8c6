"""A Prefect server for the session, and small DVC projects whose stages are shell commands."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL
from prefect.testing.utilities import prefect_test_harness

PROJECT = Path(__file__).resolve().parents[2]

MakeProject = Callable[[str], Path]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a Prefect server that all tests share."""
    with prefect_test_harness(server_startup_timeout=600):
        address = PREFECT_API_URL.value()
        assert address
        yield address


@pytest.fixture(scope="session")
def empty_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Git and DVC repository with one commit, to be copied."""
    root = tmp_path_factory.mktemp("empty")
    dvc = [sys.executable, "-m", "dvc"]
    for command in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "config", "user.name", "Test"],
        ["git", "config", "user.email", "test@example.org"],
        [*dvc, "init", "-q"],
        [*dvc, "config", "core.analytics", "false"],
        [*dvc, "config", "core.check_update", "false"],
        ["git", "add", "-A"],
        ["git", "commit", "-q", "-m", "Empty project"],
    ):
        subprocess.run(command, cwd=root, check=True)
    return root


@pytest.fixture
def make_project(empty_project: Path, tmp_path: Path) -> MakeProject:
    """Make a project from the text of its dvc.yaml."""

    def make(dvc_yaml: str) -> Path:
        root = tmp_path / "project"
        shutil.copytree(empty_project, root)
        (root / "dvc.yaml").write_text(dvc_yaml, encoding="utf-8")
        return root

    return make


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a command that imports this project from another folder."""
    return {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
