"""The latency benchmark: the same prompts for every model, with their pictures and without, one at a time and many."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from components.cluster.machine import cores, needs_ray
from components.evaluate.latency.timing import Cell, Timing
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.work import open_image
from components.params.evaluation import Speed
from components.stages.errors import Unusable
from components.stages.progress import Progress

_log = logging.getLogger(__name__)
Model = tuple[ModelSpec, Place]
NOT_TIMED = {
    "bundle": "a bundle is timed by its own runtime, one question at a time, beside the model that it was made from: "
    "see the speed table in artifacts/export/report.md",
    "endpoint": "what is served is timed where it is served, not through a network",
}


def measure_speed(models: Sequence[Model], files: list[Path], batch: int, speed: Speed) -> dict[str, dict[str, Any]]:
    """Timings of all models by their names, taken here, or where the cluster at RAY_ADDRESS has the device.

    What torch does not run gets a reason instead. All others are loaded at once and take turns at each question, so
    that what slows the machine down slows down all of them: figures of one run can be set against each other.
    """
    timed = [(spec, place) for spec, place in models if spec.is_torchs]
    left_out: dict[str, dict[str, Any]] = {
        spec.name: {"not_run": NOT_TIMED[spec.layout], "cells": []} for spec, _ in models if not spec.is_torchs
    }
    if not timed:
        return left_out
    items, is_gpu = _pictured_items(files, speed.prompts), any(spec.device == "gpu" for spec, _ in timed)
    if not needs_ray(1, is_gpu):
        return _measure(timed, items, cores(), batch, speed) | left_out
    # Imported here: one machine does without.
    import ray

    from components.evaluate.predict.on_ray import threads

    task = ray.remote(_measure).options(num_cpus=threads(1), num_gpus=1 if is_gpu else 0)
    return ray.get(task.remote(timed, items, threads(1), batch, speed)) | left_out


def _measure(
    models: Sequence[Model], items: list[dict[str, Any]], cores: int, batch: int, speed: Speed
) -> dict[str, dict[str, Any]]:
    import torch

    from components.evaluate.latency.device import device_name
    from components.evaluate.models.loading import load_prepared
    from components.stages.quiet import quiet_libraries

    quiet_libraries()
    torch.set_num_threads(cores)
    loaded = [load_prepared(spec, place) for spec, place in models]
    cells: dict[str, list[Cell]] = {spec.name: [] for spec, _ in models}
    sizes = sorted({1, batch})
    rounds = 2 * sum(speed.warmup + sum(1 for _ in _batches(items, size)) for size in sizes)
    progress = Progress("timing", "rounds done", rounds, say=_log.info, tells_end=False)
    for is_pictured in (True, False):
        for size in sizes:
            for name, cell in _cell(loaded, items, is_pictured, size, speed, progress).items():
                cells[name].append(cell)
    return {
        spec.name: {
            "device": device_name(spec.device),
            "precision": spec.precision,
            "new_tokens": speed.new_tokens,
            "warmup": speed.warmup,
            "cells": [asdict(cell) for cell in cells[spec.name]],
        }
        for spec, _ in models
    }


def _cell(
    loaded: Sequence[Any],
    items: list[dict[str, Any]],
    is_pictured: bool,
    size: int,
    speed: Speed,
    progress: Progress,
) -> dict[str, Cell]:
    from components.evaluate.latency.clock import time_answers
    from components.evaluate.predict.answerer import Answerer
    from components.evaluate.predict.questions import Question

    limits = Limits(speed.new_tokens, speed.new_tokens)
    answerers = [(model, Answerer(model, limits)) for model in loaded]
    questions = [Question(item["prompt"], open_image(item["image"]) if is_pictured else None) for item in items]
    batches = list(_batches(questions, size))
    timings: dict[str, list[Timing]] = {model.spec.name: [] for model in loaded}
    for place, asked in enumerate([*islice(cycle(batches), speed.warmup), *batches]):
        for model, answerer in answerers:
            timing = time_answers(model, answerer, asked, speed.new_tokens)
            if place >= speed.warmup:
                timings[model.spec.name].append(timing)
        progress.add()
    return {name: Cell(is_pictured, size, own) for name, own in timings.items()}


def _batches(questions: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """One a question, or three of ``size`` that go through the questions again and again."""
    if size == 1:
        yield from ([question] for question in questions)
    else:
        endless = cycle(questions)
        yield from (list(islice(endless, size)) for _ in range(3))


def _pictured_items(files: list[Path], count: int) -> list[dict[str, Any]]:
    """The first items with a picture of the first benchmark that has some."""
    for file in files:
        found: list[dict[str, Any]] = []
        for batch in pq.ParquetFile(file).iter_batches(count, columns=["prompt", "image"]):
            found += [row for row in batch.to_pylist() if row["image"] is not None]
            if len(found) >= count:
                break
        if found:
            return found[:count]
    raise Unusable("no benchmark has an item with a picture: the latency benchmark needs some")
