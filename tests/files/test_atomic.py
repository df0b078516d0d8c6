"""Files and folders that are put in place: whole, and readable by whom the umask lets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from components.files.atomic import new_file, new_folder


@pytest.fixture(params=[0o022, 0o027, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def write_for_owner_alone(path: Path) -> None:
    path.touch()
    path.chmod(0o600)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_files_follow_the_umask_however_they_were_written(tmp_path: Path, umask: int) -> None:
    with new_folder(tmp_path / "model") as folder:
        save_file({"weight": torch.ones(2)}, folder / "model.safetensors")
        (folder / "inner").mkdir()
        write_for_owner_alone(folder / "inner" / "state")
        (folder / "run.sh").touch()
        (folder / "run.sh").chmod(0o700)
    with new_file(tmp_path / "alone") as part:
        write_for_owner_alone(part)
    assert mode(tmp_path / "model" / "model.safetensors") == 0o666 & ~umask
    assert mode(tmp_path / "model" / "inner" / "state") == 0o666 & ~umask
    assert mode(tmp_path / "model" / "run.sh") == 0o700 | 0o666 & ~umask
    assert mode(tmp_path / "alone") == 0o666 & ~umask
    assert os.umask(umask) == umask


def test_files_that_have_another_name_keep_their_mode(tmp_path: Path) -> None:
    write_for_owner_alone(tmp_path / "cached")
    with new_folder(tmp_path / "shown") as folder:
        os.link(tmp_path / "cached", folder / "linked")
        (folder / "pointing").symlink_to(tmp_path / "cached")
        (folder / "dangling").symlink_to(tmp_path / "nothing")
    assert mode(tmp_path / "cached") == 0o600
