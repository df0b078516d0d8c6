"""Chunks by several processes: in order, errors in plain words, nothing done twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.archives.files import open_files
from components.ingest.checks.rules import Rules
from components.ingest.chunks.pipeline import work_through
from components.ingest.chunks.store import ChunkStore
from components.ingest.chunks.work import Assignment, cut
from components.ingest.records import SourceError
from tests.ingest.samples import chat, png, row, source


def assignment(folder: Path, rules: Rules, **fields: Any) -> Assignment:
    """Work on the LLaVA set in ``folder``."""
    files = open_files([folder], folder.parent / "scratch")
    return Assignment(
        source(**{"reader": "llava", **fields}), files, rules, ChunkStore(folder.parent / "chunks"), seed=17
    )


def rows(count: int) -> list[dict[str, Any]]:
    return [row(id=number, answer="" if number % 10 == 9 else "사과") for number in range(count)]


def test_all_rows_are_noted_in_order(tmp_path: Path, workers_open: None, rules: Rules) -> None:
    work = assignment(chat(tmp_path / "set", rows(1300), {"a.png": png()}), rules)
    work_through(work)
    notes = work.store.notes()
    assert notes["id"].to_pylist() == [str(number) for number in range(1300)]
    assert notes["reason"].to_pylist().count("empty answer") == 130
    assert work.store.chunks == 3 and work.store.sample_counts().tolist() == [461, 461, 248]
    assert work.store.samples(0)["id"].to_pylist()[:2] == ["0", "1"]


def test_limit_takes_the_first_rows(tmp_path: Path, workers_open: None, rules: Rules) -> None:
    work = assignment(chat(tmp_path / "set", rows(900), {"a.png": png()}), rules, limit=600)
    work_through(work)
    assert work.store.notes()["id"].to_pylist() == [str(number) for number in range(600)]


def test_finished_chunks_are_not_worked_on_again(tmp_path: Path, workers_open: None, rules: Rules) -> None:
    work = assignment(chat(tmp_path / "set", rows(1300), {"a.png": png()}), rules)
    work_through(work)
    written = {path: path.stat().st_mtime_ns for path in work.store.folder.iterdir()}
    gone = [path for path in written if path.name.startswith("000001") or path.name == "done.json"]
    for path in gone:
        path.unlink()
    work_through(work)
    after = {path: path.stat().st_mtime_ns for path in work.store.folder.iterdir()}
    assert after.keys() == written.keys()
    assert {path for path in written if after[path] != written[path]} == set(gone)


def test_samples_that_were_dropped_are_made_again_where_they_are_needed(
    tmp_path: Path, workers_open: None, rules: Rules
) -> None:
    work = assignment(chat(tmp_path / "set", rows(1300), {"a.png": png()}), rules)
    work_through(work)
    before = work.store.samples(1).to_pylist()
    work.store.drop_samples()
    work_through(work, again={1})
    assert [work.store.has_samples(number) for number in range(3)] == [False, True, False]
    assert work.store.samples(1).to_pylist() == before


def test_readers_own_error_comes_through(tmp_path: Path, workers_open: None, rules: Rules) -> None:
    folder = chat(tmp_path / "set", rows(10))
    (folder / "chat.json").write_text('[{"id": 1}, {"id"', encoding="utf-8")
    with pytest.raises(SourceError, match=r"^chat\.json is not JSON"):
        work_through(assignment(folder, rules))


def test_chunks_are_cut_where_rows_hold_many_bytes_of_images(
    tmp_path: Path, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.ingest.chunks.work._HELD_BYTES", 10_000)
    (tmp_path / "set").mkdir()
    table = pa.table({"picture": [b"x" * 3_000] * 9, "text": ["사과"] * 9})
    pq.write_table(table, tmp_path / "set/rows.parquet")
    work = assignment(tmp_path / "set", rules, reader="mapping", mapping={"image": "picture", "answer": "text"})
    assert [len(chunk.entries) for chunk in cut(work)] == [4, 4, 1]
