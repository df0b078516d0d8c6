"""Temporary folders of owners that were killed are removed, those of living ones are not."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.files.owned import owned_folder, remove_ownerless
from tests.model.tiny import ROOT

OWNER = """
from components.files.owned import owned_folder
with owned_folder() as folder:
    (folder / "session").mkdir()
    print(folder, flush=True)
    input()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, of this process and those that it starts."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def owner(temporary: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that has such a folder, and the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_a_folder_goes_with_its_block(temporary: Path) -> None:
    with owned_folder() as folder:
        (folder / "file").touch()
        assert len(str(folder.relative_to(temporary))) <= 12  # Ray's socket paths are long enough without
    assert list(temporary.iterdir()) == []


def test_what_a_killed_owner_left_is_removed_and_nothing_else(
    temporary: Path, owner: tuple[subprocess.Popen[str], Path]
) -> None:
    process, folder = owner
    unknown = temporary / "ray-unknown"
    unknown.mkdir()
    with owned_folder() as mine:
        assert folder.is_dir()
        process.kill()
        process.wait()
        remove_ownerless()
        assert set(temporary.iterdir()) == {mine, mine.with_name(f"{mine.name}.lock"), unknown}
