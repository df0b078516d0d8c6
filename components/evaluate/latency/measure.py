"""The latency benchmark: the same prompts for every model, with their pictures and without, one at a time and many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import ray

from components.evaluate.latency.timing import Cell
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.pool import open_image, threads
from components.params.evaluation import Speed


def measure_speed(spec: ModelSpec, place: Place, files: list[Path], batch: int, speed: Speed) -> dict[str, Any]:
    """Timings of a model, taken where the cluster has the device. Needs a Ray session."""
    cores = threads(1)
    task = ray.remote(_measure).options(num_cpus=cores, num_gpus=1 if spec.device == "gpu" else 0)
    items = _pictured_items(files, speed.prompts)
    return ray.get(task.remote(spec, place, items, cores, batch, speed))


def _measure(
    spec: ModelSpec, place: Place, items: list[dict[str, Any]], cores: int, batch: int, speed: Speed
) -> dict[str, Any]:
    import torch

    from components.evaluate.latency.device import device_name
    from components.evaluate.models.loading import load_prepared
    from components.stages.quiet import quiet_libraries

    quiet_libraries()
    torch.set_num_threads(cores)
    loaded = load_prepared(spec, place)
    cells = [
        _cell(loaded, items, is_pictured, size, speed) for is_pictured in (True, False) for size in sorted({1, batch})
    ]
    return {
        "device": device_name(spec.device),
        "precision": spec.precision,
        "new_tokens": speed.new_tokens,
        "warmup": speed.warmup,
        "cells": [asdict(cell) for cell in cells],
    }


def _cell(loaded: Any, items: list[dict[str, Any]], is_pictured: bool, size: int, speed: Speed) -> Cell:
    from components.evaluate.latency.clock import time_answers
    from components.evaluate.predict.answerer import Answerer, Question

    answerer = Answerer(loaded, Limits(speed.new_tokens, speed.new_tokens))
    questions = [Question(item["prompt"], open_image(item["image"]) if is_pictured else None) for item in items]
    batches = list(_batches(questions, size))
    for asked in islice(cycle(batches), speed.warmup):
        time_answers(loaded, answerer, asked, speed.new_tokens)
    return Cell(is_pictured, size, [time_answers(loaded, answerer, asked, speed.new_tokens) for asked in batches])


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
    raise ValueError("no benchmark has an item with a picture: the latency benchmark needs some")
