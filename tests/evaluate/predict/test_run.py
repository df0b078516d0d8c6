"""A run that was cut short goes on where it stopped."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.evaluate.digests import item_keys
from components.evaluate.predict.parts import Parts
from components.evaluate.predict.predictions import read_predictions
from components.evaluate.predict.run import Open, Task, predict
from components.stages.errors import Unusable
from tests.evaluate.world import provenance, write_items
from tests.scoring.world import item

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
            yield pa.table(
                {
                    "benchmark": names,
                    "item_id": items,
                    "response": [f"{one}의 답" for one in items],
                    "seconds": [0.5] * len(items),
                    "tokens": [4] * len(items),
                }
            )


def make_task(name: str, file: Path, weights: str = "w", decoding: str = "greedy", code: str = "") -> Task:
    return Task(name, file, item_keys(file), provenance(file, weights, decoding), code=code)


def write_rows(folder: Path, name: str, count: int) -> Path:
    rows = [
        item(f"{name}-{i}", "사과", prompt=f"{name} {i}?", category=f"갈래{i % 2}", references=["사과"])
        for i in range(count)
    ]
    return write_items(folder / f"{name}.parquet", rows)


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    return [make_task(name, write_rows(tmp_path / "items", name, count)) for name, count in BENCHMARKS.items()]


def run(tasks: list[Task], asked: Asked, root: Path) -> None:
    predict("finetune", tasks, asked, root / "scratch", root / "out")


def test_finished_items_are_not_asked_again(tasks: list[Task], tmp_path: Path) -> None:
    cut, rest, again = Asked(batches=3), Asked(), Asked()
    with pytest.raises(Cut):
        run(tasks, cut, tmp_path)
    assert not (tmp_path / "out").exists()
    run(tasks, rest, tmp_path)
    run(tasks, again, tmp_path)
    assert len(cut.items) == 6
    assert sorted(cut.items + rest.items) == sorted(f"{n}-{i}" for n, c in BENCHMARKS.items() for i in range(c))
    assert again.items == []
    rows, stored = read_predictions(tmp_path / "out/first.parquet")
    assert rows["item_id"].tolist() == [f"first-{i}" for i in range(5)]
    assert rows["response"].tolist() == [f"first-{i}의 답" for i in range(5)]
    assert rows["category"].tolist() == ["갈래0", "갈래1", "갈래0", "갈래1", "갈래0"]
    assert rows["tokens"].tolist() == [4] * 5
    assert stored == tasks[0].provenance


@pytest.mark.parametrize("change", [{"weights": "other"}, {"decoding": "greedy, 9 tokens"}, {"code": "other"}])
def test_other_weights_decodings_and_code_are_asked_anew(
    tasks: list[Task], tmp_path: Path, change: dict[str, str]
) -> None:
    run(tasks, Asked(), tmp_path)
    asked = Asked()
    run([make_task(task.benchmark, task.items, **change) for task in tasks], asked, tmp_path)
    assert len(asked.items) == 8


def test_an_item_that_changed_is_asked_alone(tasks: list[Task], tmp_path: Path) -> None:
    """Answers are kept by what was shown, so a corrected question costs one answer, not a benchmark."""
    run(tasks, Asked(), tmp_path)
    table = pq.read_table(tasks[0].items).to_pylist()
    table[2]["prompt"] = "바뀐 질문?"
    file, asked = write_items(tasks[0].items, table), Asked()
    run([make_task("first", file), tasks[1]], asked, tmp_path)
    assert asked.items == ["first-2"]


def test_the_same_question_of_two_benchmarks_is_asked_once(tmp_path: Path) -> None:
    one = write_items(tmp_path / "one.parquet", [item("a", "사과")])
    two = write_items(tmp_path / "two.parquet", [item("b", "배")])
    first, second = Asked(), Asked()
    run([make_task("one", one)], first, tmp_path)
    run([make_task("one", one), make_task("two", two)], second, tmp_path)
    assert (first.items, second.items) == (["a"], [])
    assert read_predictions(tmp_path / "out/two.parquet")[0]["response"].tolist() == ["a의 답"]


def test_a_damaged_file_is_set_aside_and_its_items_are_asked_again(tasks: list[Task], tmp_path: Path) -> None:
    run(tasks, Asked(), tmp_path)
    folder = tmp_path / "scratch" / tasks[0].digest
    damaged = sorted(folder.glob("*.parquet"))[0]
    lost = pq.read_table(damaged).num_rows
    damaged.write_bytes(damaged.read_bytes()[:-20])
    asked = Asked()
    run(tasks, asked, tmp_path)
    assert len(asked.items) == lost
    assert damaged.with_suffix(".damaged").is_file()


def test_an_answer_that_never_came_is_an_error(tasks: list[Task], tmp_path: Path) -> None:
    def silent(left: list[Open]) -> Iterator[pa.Table]:
        yield from list(Asked()(left))[:-1]

    with pytest.raises(RuntimeError, match=r"second: 2 items have no answer, e\.g\. 'second-1'"):
        predict("finetune", tasks, silent, tmp_path / "scratch", tmp_path / "out")


def test_answers_without_provenance_are_refused(tasks: list[Task], tmp_path: Path) -> None:
    run(tasks, Asked(), tmp_path)
    file = tmp_path / "out/first.parquet"
    pq.write_table(pq.read_table(file).replace_schema_metadata(None), file)
    with pytest.raises(Unusable, match="no provenance in its metadata"):
        read_predictions(file)


def test_parts_keep_one_answer_a_key(tmp_path: Path) -> None:
    parts = Parts(tmp_path)
    table = pa.table({"key": ["k"], "response": ["가"], "seconds": [1.0], "tokens": [1]})
    parts.add(table)
    parts.add(table)
    assert parts.read().num_rows == 1


def test_a_task_is_named_by_how_answers_come_about(tasks: list[Task]) -> None:
    other = dataclasses.replace(tasks[0], provenance=dataclasses.replace(tasks[0].provenance, system="친절하게"))
    assert len({tasks[0].digest, tasks[1].digest, other.digest}) == 2
