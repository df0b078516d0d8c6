"""Where checkpoints are kept, whoever looks for them and whatever the folder is called."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from components.training.checkpoint import Checkpoint
from components.training.log import Log
from components.training.store import CheckpointStore

RUN = "finetune-aaaaaaaaaaaa"


def checkpoint(done: int) -> Checkpoint:
    return Checkpoint(done, 40, {"weight": torch.full((2,), float(done))}, Log())


def test_a_worker_with_another_working_folder_keeps_them_in_the_same_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = CheckpointStore.of("scratch/training", RUN)
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    store.keep(checkpoint(10))
    monkeypatch.chdir(tmp_path)
    last = store.last()
    assert last is not None
    assert last.done == 10
    assert (tmp_path / "scratch/training" / RUN / "step-00000010").is_dir()
    assert not list(other.iterdir())


def test_the_last_two_are_found_in_a_folder_with_signs_of_patterns(tmp_path: Path) -> None:
    store = CheckpointStore.of(str(tmp_path / "[mine] *"), RUN)
    assert store.last() is None
    for done in (10, 20, 30):
        store.keep(checkpoint(done))
    last = store.last()
    assert last is not None
    assert last.done == 30
    assert [path.name for path in sorted((tmp_path / "[mine] *" / RUN).iterdir())] == ["step-00000020", "step-00000030"]
