"""A run that was cut short goes on where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.evaluate.parts import Parts
from components.evaluate.predict import Open, Task, predict
from components.evaluate.predictions import read_predictions
from tests.evaluate.world import item, provenance, write_items

BENCHMARKS = {"first": 5, "second": 3}


class Cut(RuntimeError):
    """Stands for a lost machine."""


class Asked:
    """Answers two items at a time, notes which, and may stop after some batches."""

    def __init__(self, batches: int | None = None) -> None:
        self.items: list[str] = []
        self.batches = batches

    def __call__(self, left: list[Open]) -> Iterator[pa.Table]:
        ids = [
            (task.benchmark, item)
            for task in left
            for item in pq.read_table(task.items)["item_id"].to_pylist()
            if item not in task.done
        ]
        for count, start in enumerate(range(0, len(ids), 2)):
            if count == self.batches:
                raise Cut
            names, items = zip(*ids[start : start + 2], strict=True)
            self.items += items
            yield pa.table({
                "benchmark": names, "item_id": items, "response": [f"{one}의 답" for one in items],
                "seconds": [0.5] * len(items), "tokens": [4] * len(items),
            })  # fmt: skip


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    found = []
    for name, count in BENCHMARKS.items():
        rows = [item(f"{name}-{i}", "사과", category=f"갈래{i % 2}") for i in range(count)]
        file = write_items(tmp_path / "items" / f"{name}.parquet", rows)
        found.append(Task(name, file, provenance(file)))
    return found


def test_finished_items_are_not_asked_again(tasks: list[Task], tmp_path: Path) -> None:
    cut, rest, again = Asked(batches=3), Asked(), Asked()
    with pytest.raises(Cut):
        predict(tasks, cut, tmp_path / "scratch", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    predict(tasks, rest, tmp_path / "scratch", tmp_path / "out")
    predict(tasks, again, tmp_path / "scratch", tmp_path / "out")
    assert len(cut.items) == 6
    assert sorted(cut.items + rest.items) == sorted(f"{n}-{i}" for n, c in BENCHMARKS.items() for i in range(c))
    assert again.items == []
    rows, stored = read_predictions(tmp_path / "out/first.parquet")
    assert rows["item_id"].tolist() == [f"first-{i}" for i in range(5)]
    assert rows["response"].tolist() == [f"first-{i}의 답" for i in range(5)]
    assert rows["category"].tolist() == ["갈래0", "갈래1", "갈래0", "갈래1", "갈래0"]
    assert rows["tokens"].tolist() == [4] * 5
    assert stored == tasks[0].provenance


def test_other_weights_are_asked_anew(tasks: list[Task], tmp_path: Path) -> None:
    predict(tasks, Asked(), tmp_path / "scratch", tmp_path / "out")
    changed, asked = [Task(t.benchmark, t.items, provenance(t.items, "other")) for t in tasks], Asked()
    predict(changed, asked, tmp_path / "scratch", tmp_path / "out")
    assert len(asked.items) == sum(BENCHMARKS.values())


def test_half_written_files_are_set_aside(tasks: list[Task], tmp_path: Path) -> None:
    with pytest.raises(Cut):
        predict(tasks[:1], Asked(batches=2), tmp_path / "scratch", tmp_path / "out")
    folder = tmp_path / "scratch" / tasks[0].digest
    whole = sorted(folder.glob("*.parquet"))
    assert len(whole) == 2
    lost = pq.read_table(whole[0])["item_id"].to_pylist()
    whole[0].write_bytes(whole[0].read_bytes()[:-20])
    (folder / "unfinished.part").write_bytes(b"PAR1")
    asked = Asked()
    predict(tasks[:1], asked, tmp_path / "scratch", tmp_path / "out")
    assert sorted(asked.items) == sorted([*lost, "first-4"])
    assert [file.stem for file in folder.glob("*.damaged")] == [whole[0].stem]


def test_an_item_that_was_never_answered_is_named(tasks: list[Task], tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"first: 5 items have no answer, e\.g\. 'first-0'"):
        predict(tasks, lambda left: iter(()), tmp_path / "scratch", tmp_path / "out")


def test_parts_keep_one_answer_an_item(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    for text in ("하나", "둘"):
        parts.add(pa.table({"item_id": ["x"], "response": [text], "seconds": [1.0], "tokens": [1]}))
    assert parts.read().num_rows == 1
