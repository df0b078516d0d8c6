"""Answers by a pool of Ray Data actors, each with the model. Memory is bounded: items are streamed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import ray

from components.cluster.session import require_resources
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.run import Open
from components.evaluate.predict.window import BATCHES, READ, in_order, open_items
from components.evaluate.predict.work import answer_items, open_answerer

if TYPE_CHECKING:
    from components.evaluate.models.places import Place

_READER_CPUS = 0.25  # reading is light, and must find room beside the actors


def answer_on_ray(
    left: list[Open], spec: ModelSpec, place: Place, limits: Limits, batch: int, actors: int | None
) -> Iterator[pa.Table]:
    """As components.evaluate.predict.answer.answer_open; every actor loads the model. Needs a Ray session."""
    is_gpu = spec.device == "gpu"
    actors = actors or max(1, int(ray.cluster_resources().get("GPU", 0)) if is_gpu else 1)
    require_resources(actors + 1, actors if is_gpu else 0, f"evaluate with {actors} actors")
    _quiet()
    files = [str(task.items.resolve()) for task in left]
    items = ray.data.read_parquet(files, include_paths=True, num_cpus=_READER_CPUS)
    items = items.select_columns([*READ, "path"]).map_batches(
        partial(_prepare, left={task.benchmark: task for task in left}),
        batch_size=batch * BATCHES,
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


def _quiet() -> None:
    """Ray Data's bars and its announcements would stand between the stage's own lines."""
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    logging.getLogger("ray.data._internal.progress").setLevel(logging.ERROR)


def _prepare(items: pa.Table, left: dict[str, Open]) -> pa.Table:
    parts = [
        open_items(items.filter(pc.equal(items["path"], path)).drop_columns(["path"]), left[Path(path).stem])
        for path in pc.unique(items["path"]).to_pylist()
    ]
    return in_order(pa.concat_tables(parts))


class _Actor:
    """Holds the model."""

    def __init__(self, spec: ModelSpec, place: Place, limits: Limits, threads: int) -> None:
        self._answerer = open_answerer(spec, place, limits, threads)

    def __call__(self, items: pa.Table) -> pa.Table:
        return answer_items(self._answerer, items)
