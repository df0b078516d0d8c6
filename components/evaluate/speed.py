"""The latency benchmark: one question at a time, with its picture and without."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import ray

from components.evaluate.pool import open_image, threads
from components.evaluate.predictions import DTYPES
from components.params.schema import Speed


def measure_speed(model: Path, files: list[Path], device: str, speed: Speed) -> dict[str, Any]:
    """Timings of a model, taken where the cluster has the device. Needs a Ray session."""
    cores = threads(1)
    task = ray.remote(_measure).options(num_cpus=cores, num_gpus=1 if device == "gpu" else 0)
    items = _pictured_items(files, speed.prompts)
    return ray.get(task.remote(str(model.resolve()), items, device, cores, speed.warmup, speed.new_tokens))


def _measure(
    model: str, items: list[dict[str, Any]], device: str, cores: int, warmup: int, new_tokens: int
) -> dict[str, Any]:
    from components.evaluate.answerer import Answerer, Question

    answerer = Answerer(Path(model), device, cores)
    timings = {}
    for name, is_pictured in (("with_image", True), ("without_image", False)):
        pictures = [open_image(item["image"]) if is_pictured else None for item in items]
        questions = [Question(item["prompt"], picture) for item, picture in zip(items, pictures, strict=True)]
        for i in range(warmup):
            answerer.time_answer(questions[i % len(questions)], new_tokens)
        timings[name] = [asdict(answerer.time_answer(question, new_tokens)) for question in questions]
    return {
        "device": answerer.device_name,
        "dtype": DTYPES[device],
        "batch": 1,
        "new_tokens": new_tokens,
        "timings": timings,
    }


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
