"""Every item answered once: what an earlier run answered in the same way is kept."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from components.evaluate.items import read_items
from components.evaluate.predict.parts import Parts
from components.evaluate.predict.predictions import Provenance, write_predictions
from components.stages.progress import Progress

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """One benchmark to be answered by a model."""

    benchmark: str
    items: Path
    keys: dict[str, str]
    """Digest of prompt and picture by item id."""
    provenance: Provenance
    is_letter: bool = False
    """Whether answers are letters."""
    code: str = ""
    """Digest of what computes the answers; "" where that is not known."""

    @property
    def digest(self) -> str:
        """Names the folder of the answers that are decoded in this way, by the same code."""
        made = self.provenance
        parts = (made.weights, made.precision, made.decoding, made.system, self.code)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Open:
    """What is left of a task."""

    benchmark: str
    items: Path
    done: frozenset[str]
    is_letter: bool


Answer = Callable[[list[Open]], Iterator[pa.Table]]
"""Answers what is open; tables have the columns benchmark, item_id, response, seconds, tokens."""


def predict(subject: str, tasks: list[Task], answer: Answer, scratch: Path, out: Path) -> None:
    """Answer what is open, storing answers as they come; then write one file a benchmark into ``out``."""
    parts = {task.benchmark: Parts(scratch / task.digest) for task in tasks}
    left = [_left(task, parts[task.benchmark]) for task in tasks]
    total, count = sum(len(task.keys) for task in tasks), sum(len(task.done) for task in left)
    _log.info("%s: %d of %d items are answered already", subject, count, total)
    keys = {task.benchmark: task.keys for task in tasks}
    unfinished = [one for one in left if len(one.done) < len(keys[one.benchmark])]
    progress = Progress(subject, "items answered", total, done=count, say=_log.info)
    for table in answer(unfinished) if unfinished else ():
        for name in pc.unique(table["benchmark"]).to_pylist():
            parts[name].add(_keyed(table.filter(pc.equal(table["benchmark"], name)), keys[name]))
        progress.add(table.num_rows)
    for task in tasks:
        _finish(task, parts[task.benchmark], out)


def _left(task: Task, parts: Parts) -> Open:
    answered = set(parts.read()["key"].to_pylist())
    done = frozenset(item for item, key in task.keys.items() if key in answered)
    return Open(task.benchmark, task.items, done, task.is_letter)


def _keyed(answers: pa.Table, keys: dict[str, str]) -> pa.Table:
    return answers.append_column("key", pa.array([keys[item] for item in answers["item_id"].to_pylist()]))


def _finish(task: Task, parts: Parts, out: Path) -> None:
    answers = parts.read().to_pandas().set_index("key")
    missing = [item for item, key in task.keys.items() if key not in answers.index]
    if missing:
        raise RuntimeError(f"{task.benchmark}: {len(missing)} items have no answer, e.g. {missing[0]!r}; run it again")
    items = read_items(task.items)[["item_id", "category"]]
    rows = items.assign(key=items["item_id"].map(task.keys)).join(answers, on="key")
    write_predictions(out / f"{task.benchmark}.parquet", rows, task.provenance)
