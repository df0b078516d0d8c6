"""`infra/setup.sh` on a tiny project: real environments, next to no packages."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "tiny"
version = "1"
dependencies = ["six"]

[project.optional-dependencies]
dev = []

[tool.setuptools]
packages = []
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "infra").mkdir()
    shutil.copy(ROOT / "infra" / "setup.sh", tmp_path / "infra")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "constraints.txt").write_text("six==1.17.0\n")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def setup(project: Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    # As the Makefile does it: with the environment that may be about to be removed in front.
    environment = {**os.environ, "PATH": path or f"{project / '.venv' / 'bin'}:{os.environ['PATH']}"}
    return subprocess.run(
        [project / "infra" / "setup.sh"], env=environment, capture_output=True, text=True, timeout=600
    )


def version(project: Path, package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version('{package}'))"
    python = project / ".venv" / "bin" / "python"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.slow
def test_sets_up_once_again_after_a_change_and_anew_after_an_interruption(project: Path) -> None:
    first = setup(project)
    assert first.returncode == 0, first.stderr
    assert version(project, "six") == "1.17.0"
    assert setup(project).stdout == ""

    (project / "constraints.txt").write_text("six==1.16.0\n")
    assert setup(project).returncode == 0
    assert version(project, "six") == "1.16.0"

    (project / ".venv" / ".installed").unlink()  # as an interrupted set-up leaves it
    left_behind = project / ".venv" / "half"
    left_behind.touch()
    again = setup(project)
    assert again.returncode == 0, again.stderr
    assert not left_behind.exists()
    assert setup(project).stdout == ""


def test_a_failed_installation_leaves_no_stamp(project: Path) -> None:
    (project / "constraints.txt").write_text("six==0.0.0\n")
    result = setup(project)
    assert result.returncode == 1
    assert "pip could not install" in result.stderr
    assert not (project / ".venv" / ".installed").exists()


def test_says_what_is_missing(project: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "cat", "dirname", "env", "git"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    result = setup(project, path=str(tools))
    assert result.returncode == 1
    assert "no Python >=3.11,<3.13" in result.stderr

    shutil.rmtree(project / ".git")
    result = setup(project, path=str(tools))
    assert result.returncode == 1
    assert "git init" in result.stderr

    (tools / "git").unlink()
    result = setup(project, path=str(tools))
    assert result.returncode == 1
    assert "git is missing" in result.stderr
