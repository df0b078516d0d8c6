"""Answers by a pool of Ray Data actors, each with the model. Memory is bounded: items are streamed."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import ray
from PIL import Image

from components.cluster.session import require_resources
from components.evaluate.digests import image_key
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question, Reply
from components.evaluate.predict.run import Open

if TYPE_CHECKING:
    from components.evaluate.models.places import Place

WINDOW_BATCHES = 16
"""Items are put in order within so many batches, so that little of a batch is padding."""
_READER_CPUS = 0.25  # reading is light, and must find room beside the actors


def answer_open(
    left: list[Open], spec: ModelSpec, place: Place, limits: Limits, batch: int, actors: int | None
) -> Iterator[pa.Table]:
    """Answer every open item in one pass, giving a table as each batch is done. Needs a Ray session.

    Args:
        left: the benchmarks with what is done of each.
        spec: the model; every actor loads it.
        place: its files, where every machine can read them.
        limits: how long answers may get.
        batch: items that an actor answers at once.
        actors: None: one a GPU, or one that has all the cores.
    """
    is_gpu = spec.device == "gpu"
    actors = actors or max(1, int(ray.cluster_resources().get("GPU", 0)) if is_gpu else 1)
    require_resources(actors + 1, actors if is_gpu else 0, f"evaluate with {actors} actors")
    _quiet()
    files = [str(task.items.resolve()) for task in left]
    items = ray.data.read_parquet(files, include_paths=True, num_cpus=_READER_CPUS)
    items = items.select_columns(["item_id", "prompt", "image", "path"]).map_batches(
        partial(_prepare, left={task.benchmark: task for task in left}),
        batch_size=batch * WINDOW_BATCHES,
        batch_format="pyarrow",
        num_cpus=_READER_CPUS,
    )
    answers = items.repartition(target_num_rows_per_block=batch).map_batches(
        _Actor,
        fn_constructor_args=(spec, place, limits, threads(actors)),
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


def open_image(stored: dict[str, Any] | None) -> Image.Image | None:
    """The picture of an item's column ``image``."""
    return None if stored is None else Image.open(io.BytesIO(stored["bytes"])).convert("RGB")


def _quiet() -> None:
    """Ray Data's bars and its announcements would stand between the stage's own lines."""
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    logging.getLogger("ray.data._internal.progress").setLevel(logging.ERROR)


def _prepare(items: pa.Table, left: dict[str, Open]) -> pa.Table:
    """Without what is answered already, with the benchmark's name, in the order in which little is computed twice."""
    names = [Path(path).stem for path in items["path"].to_pylist()]
    is_open = [item not in left[name].done for name, item in zip(names, items["item_id"].to_pylist(), strict=True)]
    items = items.drop_columns(["path"]).append_column("benchmark", pa.array(names, pa.string()))
    items = items.filter(pa.array(is_open, pa.bool_()))
    keys = [image_key(image) for image in items["image"].to_pylist()]
    letters = [left[name].is_letter for name in items["benchmark"].to_pylist()]
    items = items.append_column("image_key", pa.array(keys, pa.string()))
    items = items.append_column("is_letter", pa.array(letters, pa.bool_()))
    return items.take(pa.array(_order(items)))


def _order(items: pa.Table) -> np.ndarray:
    """Letters apart, pictures apart, short prompts first, but the questions about a picture together."""
    table = pd.DataFrame(
        {
            "is_letter": items["is_letter"].to_pylist(),
            "image_key": items["image_key"].to_pylist(),
            "length": pc.utf8_length(items["prompt"]).to_numpy(),
        }
    )
    table["is_pictured"] = table["image_key"] != ""
    table["group"] = table["length"].where(~table["is_pictured"])
    table["group"] = table["group"].fillna(table.groupby("image_key")["length"].transform("max"))
    return table.sort_values(
        ["is_letter", "is_pictured", "group", "image_key", "length"], kind="stable"
    ).index.to_numpy()


class _Answerer(Protocol):
    """Any kind of model, ready to answer."""

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """A reply a question, in their order."""


def _open_answerer(spec: ModelSpec, place: Place, limits: Limits, threads: int) -> _Answerer:
    """Imports what the model needs, and torch only for what torch runs."""
    if not spec.is_torchs:
        from components.evaluate.predict.runtimes import RuntimeAnswerer, open_runtime

        return RuntimeAnswerer(open_runtime(spec, place, threads), limits, spec.system)
    import torch

    from components.evaluate.models.loading import load_prepared
    from components.evaluate.predict.answerer import Answerer
    from components.stages.quiet import quiet_libraries

    quiet_libraries()
    torch.set_num_threads(threads)
    return Answerer(load_prepared(spec, place), limits)


class _Actor:
    """Holds the model."""

    def __init__(self, spec: ModelSpec, place: Place, limits: Limits, threads: int) -> None:
        self._answerer = _open_answerer(spec, place, limits, threads)

    def __call__(self, items: pa.Table) -> pa.Table:
        rows = items.to_pylist()
        questions = [
            Question(row["prompt"], open_image(row["image"]), row["image_key"], row["is_letter"]) for row in rows
        ]
        replies = self._answerer.answer(questions) if rows else []
        return pa.table(
            {
                "benchmark": pa.array([row["benchmark"] for row in rows], pa.string()),
                "item_id": pa.array([row["item_id"] for row in rows], pa.string()),
                "response": pa.array([reply.text for reply in replies], pa.string()),
                "seconds": pa.array([reply.seconds for reply in replies], pa.float64()),
                "tokens": pa.array([reply.tokens for reply in replies], pa.int64()),
            }
        )
