"""Which runs' checkpoints are dropped when another run has ended."""

from __future__ import annotations

import os
import time
from pathlib import Path

import fsspec
import pytest

from components.training.key import drop_other_runs

HOUR = 3600.0
NOW = "finetune-aaaaaaaaaaaa"
AGES = {
    NOW: 900,
    "finetune-000000000001": 1,
    "finetune-000000000002": 100,
    "finetune-000000000003": 200,
    "finetune-000000000004": 300,
    "pretrain-000000000005": 900,
    "finetune-mine": 900,
    "notes": 900,
}
"""Hours since a folder's last checkpoint was written."""


def fill(folder: Path) -> None:
    """Folders of runs, each with checkpoints of which one is older."""
    for name, hours in AGES.items():
        for number, age in enumerate((hours + 50, hours)):
            file = folder / name / f"checkpoint-{number}" / "state"
            file.parent.mkdir(parents=True)
            file.touch()
            os.utime(file, (time.time() - age * HOUR,) * 2)


def test_old_runs_of_the_same_stage_are_dropped_but_for_the_newest(tmp_path: Path) -> None:
    fill(tmp_path)
    assert drop_other_runs(str(tmp_path), NOW) == ["finetune-000000000003", "finetune-000000000004"]
    assert {path.name for path in tmp_path.iterdir()} == set(AGES) - {"finetune-000000000003", "finetune-000000000004"}
    assert drop_other_runs(str(tmp_path), NOW) == []


def test_a_run_that_may_be_under_way_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.training.key._KEPT", 0)
    fill(tmp_path)
    assert "finetune-000000000001" not in drop_other_runs(str(tmp_path), NOW)


def test_a_place_where_nothing_is_yet(tmp_path: Path) -> None:
    assert drop_other_runs(str(tmp_path / "nowhere"), NOW) == []


def test_runs_in_a_store_are_dropped_too(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.training.key._KEPT", 0)
    monkeypatch.setattr("components.training.key._DAY", -HOUR)
    filesystem, place = fsspec.url_to_fs(f"{s3}/training")
    for name in AGES:
        filesystem.pipe(f"{place}/{name}/checkpoint/state", b"")
    assert sorted(drop_other_runs(f"{s3}/training", NOW)) == [f"finetune-00000000000{number}" for number in range(1, 5)]
    left = {path.rpartition("/")[2] for path in filesystem.ls(place, refresh=True)}
    assert left == {NOW, "pretrain-000000000005", "finetune-mine", "notes"}
