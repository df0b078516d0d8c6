"""The store: nothing that was written is lost, nothing that was half written is read."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from components.evaluate.judge.store import Record, Store

ROOT = Path(__file__).parents[3]


def record(key: str, reply: str | None = "8 7") -> Record:
    return Record(key, 0, 0, False, "m", "llava-w", "d", reply, "", "", 1000, 100)


def keys(path: Path) -> list[str]:
    with Store(path) as store:
        return [found.key for found in store.read()]


def test_what_is_added_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new/judgements.jsonl"
    with Store(path) as store:
        store.add(record("a", "8 7\n둘째 줄"))
        store.add(record("b", None))
        assert list(store.read()) == [record("a", "8 7\n둘째 줄"), record("b", None)]
    assert keys(path) == ["a", "b"]
    assert "둘째" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_half_written_last_line_is_cut_off(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "judgements.jsonl"
    with Store(path) as store:
        store.add(record("a"))
        store.add(record("b"))
    os.truncate(path, path.stat().st_size - cut)
    with Store(path) as store:
        assert [found.key for found in store.read()] == ["a"]
        store.add(record("c"))
    assert keys(path) == ["a", "c"]


def test_a_damaged_line_between_others_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "judgements.jsonl"
    with Store(path) as store:
        store.add(record("a"))
    with path.open("ab") as file:
        file.write(b"\x00\xff{\n" + json.dumps({"key": "old"}).encode() + b"\n")
    with Store(path) as store:
        store.add(record("b"))
    assert keys(path) == ["a", "b"]
    assert "line 2" in caplog.text and "line 3" in caplog.text


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """The limit of a file's size stands for the disk."""
    path = tmp_path / "judgements.jsonl"
    code = f"from pathlib import Path\nfrom tests.evaluate.judge.test_store import fill\nfill(Path({str(path)!r}))\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "full"
    assert keys(path) == ["a", "after"]


def fill(path: Path) -> None:
    """Run in a process of its own. Room is made after a write has failed."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with Store(path) as store:
        store.add(record("a"))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, before[1]))
        try:
            store.add(record("b"))
        except OSError:
            print("full")
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        store.add(record("after"))
