"""Answers by a pool of Ray Data actors, each with the model. Memory is bounded: items are streamed."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import ray
from PIL import Image

from components.cluster.session import require_resources
from components.evaluate.predict import Open

WINDOW_BATCHES = 16
"""Items are sorted by length within so many batches, so that little of a batch is padding."""
_READER_CPUS = 0.25  # reading is light, and must find room beside the actors


def answer_open(
    left: list[Open], model: Path, batch: int, max_new_tokens: int, actors: int, device: str
) -> Iterator[pa.Table]:
    """Answer every open item, giving a table as each batch is done. Needs a Ray session."""
    is_gpu = device == "gpu"
    require_resources(actors + 1, actors if is_gpu else 0, f"evaluate with {actors} actors")
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    files = [str(task.items.resolve()) for task in left]
    done = {task.benchmark: task.done for task in left}
    items = ray.data.read_parquet(
        files,
        columns=["item_id", "prompt", "image"],
        include_paths=True,
        num_cpus=_READER_CPUS,
    )
    items = items.map_batches(
        partial(_prepare, done=done),
        batch_size=batch * WINDOW_BATCHES,
        batch_format="pyarrow",
        num_cpus=_READER_CPUS,
    )
    answers = items.repartition(target_num_rows_per_block=batch).map_batches(
        _Actor,
        fn_constructor_args=(str(model.resolve()), device, threads(actors), max_new_tokens),
        batch_size=batch,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=actors),
        num_cpus=1,
        num_gpus=1 if is_gpu else 0,
    )
    for table in answers.iter_batches(batch_size=None, batch_format="pyarrow"):
        if isinstance(table, pa.Table) and table.num_rows:
            yield table


def threads(actors: int) -> int:
    """Ray would give an actor one thread; the machine's cores are shared out instead."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)) // actors)


def _prepare(items: pa.Table, done: dict[str, frozenset[str]]) -> pa.Table:
    """Without what is answered already, with the benchmark's name, short prompts first, pictures apart."""
    names = [Path(path).stem for path in items["path"].to_pylist()]
    is_open = [item not in done[name] for name, item in zip(names, items["item_id"].to_pylist(), strict=True)]
    items = items.drop_columns(["path"]).append_column("benchmark", pa.array(names, pa.string()))
    items = items.filter(pa.array(is_open, pa.bool_()))
    lengths = pc.utf8_length(items["prompt"]).to_numpy()
    is_pictured = pc.is_valid(items["image"]).to_numpy()
    return items.take(pa.array(np.lexsort((lengths, is_pictured))))


class _Actor:
    """Holds the model."""

    def __init__(self, model: str, device: str, threads: int, max_new_tokens: int) -> None:
        from components.evaluate.answerer import Answerer

        self._answerer = Answerer(Path(model), device, threads)
        self._max_new_tokens = max_new_tokens

    def __call__(self, items: pa.Table) -> pa.Table:
        from components.evaluate.answerer import Question

        rows = items.to_pylist()
        questions = [Question(row["prompt"], open_image(row["image"])) for row in rows]
        replies = self._answerer.answer(questions, self._max_new_tokens) if rows else []
        return pa.table(
            {
                "benchmark": pa.array([row["benchmark"] for row in rows], pa.string()),
                "item_id": pa.array([row["item_id"] for row in rows], pa.string()),
                "response": pa.array([reply.text for reply in replies], pa.string()),
                "seconds": pa.array([reply.seconds for reply in replies], pa.float64()),
                "tokens": pa.array([reply.tokens for reply in replies], pa.int64()),
            }
        )


def open_image(stored: dict[str, Any] | None) -> Image.Image | None:
    """The picture of an item's column ``image``."""
    return None if stored is None else Image.open(io.BytesIO(stored["bytes"])).convert("RGB")
