"""A model's answers to all that is open: by this process where it is enough, else by Ray's actors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from components.cluster.machine import cores, needs_ray
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.run import Open
from components.evaluate.predict.window import batches
from components.evaluate.predict.work import answer_items, open_answerer

if TYPE_CHECKING:
    from components.evaluate.models.places import Place
    from components.evaluate.predict.encodings import Encodings


def answer_open(
    left: list[Open],
    spec: ModelSpec,
    place: Place,
    limits: Limits,
    batch: int,
    actors: int | None,
    encodings: Encodings | None = None,
    threads: int | None = None,
) -> Iterator[pa.Table]:
    """Answer every open item in one pass, giving a table as each batch is done.

    Args:
        left: the benchmarks with what is done of each.
        spec: the model.
        place: its files, where every machine can read them.
        limits: how long answers may get.
        batch: items that are answered at once.
        actors: None: one a GPU, or one that has all the cores. Several need a Ray session, as does RAY_ADDRESS.
        encodings: what other models' encoders made of the pictures; this process alone has use for it.
        threads: that this process computes with; None: one a core.
    """
    if needs_ray(actors, spec.device == "gpu"):
        # Imported here: one machine does without.
        from components.evaluate.predict.on_ray import answer_on_ray

        yield from answer_on_ray(left, spec, place, limits, batch, actors)
        return
    answerer = open_answerer(spec, place, limits, threads or cores(), encodings)
    for items in batches(left, batch):
        yield answer_items(answerer, items)
