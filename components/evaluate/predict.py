"""Every item answered once: what an earlier run answered in the same way is kept."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from components.evaluate.items import read_items
from components.evaluate.parts import Parts
from components.evaluate.predictions import Provenance, write_predictions

_log = logging.getLogger(__name__)
_TELL_EVERY_SECONDS = 10.0


@dataclass(frozen=True)
class Task:
    """One benchmark to be answered."""

    benchmark: str
    items: Path
    provenance: Provenance

    @property
    def digest(self) -> str:
        """Names the folder of unfinished answers."""
        return hashlib.sha256(json.dumps(asdict(self.provenance), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Open:
    """What is left of a task."""

    benchmark: str
    items: Path
    done: frozenset[str]


Answer = Callable[[list[Open]], Iterator[pa.Table]]
"""Answers what is open; tables have the columns benchmark, item_id, response, seconds, tokens."""


def predict(tasks: list[Task], answer: Answer, scratch: Path, out: Path) -> None:
    """Answer what is open, storing answers as they come; then write one file a benchmark into ``out``."""
    ids = {task.benchmark: read_items(task.items)["item_id"].tolist() for task in tasks}
    parts = {task.benchmark: Parts(scratch / task.digest) for task in tasks}
    done = {name: frozenset(stored.done()) for name, stored in parts.items()}
    left = [
        Open(task.benchmark, task.items, done[task.benchmark])
        for task in tasks
        if set(ids[task.benchmark]) - done[task.benchmark]
    ]
    total, count = sum(map(len, ids.values())), sum(map(len, done.values()))
    _log.info("%d of %d items are answered already", count, total)
    told = time.monotonic()
    for table in answer(left) if left else ():
        for name in pc.unique(table["benchmark"]).to_pylist():
            parts[name].add(table.filter(pc.equal(table["benchmark"], name)))
        count += table.num_rows
        if count == total or time.monotonic() > told + _TELL_EVERY_SECONDS:
            told = time.monotonic()
            _log.info("%d of %d items answered", count, total)
    for task in tasks:
        _finish(task, ids[task.benchmark], parts[task.benchmark], out)


def _finish(task: Task, ids: list[str], parts: Parts, out: Path) -> None:
    answers = parts.read().to_pandas().set_index("item_id")
    missing = [item for item in ids if item not in answers.index]
    if missing:
        raise RuntimeError(f"{task.benchmark}: {len(missing)} items have no answer, e.g. {missing[0]!r}; run it again")
    items = read_items(task.items).set_index("item_id")[["category"]]
    rows = items.join(answers).reset_index()
    write_predictions(out / f"{task.benchmark}.parquet", rows, task.provenance)
