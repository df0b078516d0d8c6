"""Stale DVC locks are cleared, living ones are not."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zc.lockfile import LockFile

from components.stages.dvc_locks import clear_dead_locks


@pytest.fixture
def rwlock(tmp_path: Path) -> Path:
    path = tmp_path / ".dvc" / "tmp" / "rwlock"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def living_dvc() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "input()", "dvc", "repro"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def gone() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def entry(pid: int) -> dict[str, Any]:
    return {"pid": pid, "cmd": "dvc repro"}


def test_without_a_lock_file_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert clear_dead_locks(tmp_path) == []


def test_drops_dead_processes_and_other_programs_only(tmp_path: Path, rwlock: Path, living_dvc: int) -> None:
    dead = gone()
    other = os.getppid()  # a living process that is not DVC: the number was given out again
    rwlock.write_text(
        json.dumps(
            {
                "write": {"/a": entry(dead), "/b": entry(living_dvc), "/c": entry(other)},
                "read": {"/d": [entry(dead), entry(living_dvc)], "/e": [entry(dead)]},
            }
        )
    )
    removed = clear_dead_locks(tmp_path)
    assert json.loads(rwlock.read_text()) == {
        "write": {"/b": entry(living_dvc)},
        "read": {"/d": [entry(living_dvc)]},
    }
    assert len(removed) == 2
    assert str(dead) in removed[0]


def test_removes_a_file_that_was_cut_off(tmp_path: Path, rwlock: Path) -> None:
    rwlock.write_text('{"write": {"/a": {"pi')
    assert "cut off" in clear_dead_locks(tmp_path)[0]
    assert not rwlock.exists()


def test_leaves_the_file_alone_while_a_living_dvc_writes_it(tmp_path: Path, rwlock: Path) -> None:
    rwlock.write_text("{")
    guard = LockFile(str(rwlock.with_name("rwlock.lock")))
    try:
        assert clear_dead_locks(tmp_path) == []
        assert rwlock.exists()
    finally:
        guard.close()
