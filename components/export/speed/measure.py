"""The speed report: bundles beside transformers in bf16, taking turns in one run."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from components.bundles.manifest import read_manifest
from components.evaluate.latency.device import device_name
from components.evaluate.latency.rates import percentiles, rates
from components.evaluate.latency.timing import Cell, Timing
from components.export.speed.bandwidth import Bandwidth
from components.export.speed.process import Kind, Process
from components.export.speed.prompts import read_prompts
from components.export.speed.subjects import TRANSFORMERS
from components.export.speed.weights import bytes_per_token
from components.params.export import Speed
from components.stages.progress import Progress

_log = logging.getLogger(__name__)
Prompt = tuple[str, Image.Image]
Measured = tuple[str, list[Cell], dict[str, float]]
"""A subject's name, its timings with pictures and without, and what it costs to have it loaded."""


def measure_speed(bundles: Mapping[str, Path], model: Path, benchmarks: Path, settings: Speed) -> dict[str, Any]:
    """Times and memory of every bundle and of the model, asked items of the benchmarks.

    Args:
        bundles: folders with manifests, by name.
        model: the folder of the model that they were made from.
        benchmarks: items to ask, with and without their pictures.

    Returns:
        What ``compare_speed`` gives.
    """
    return compare_speed(bundles, model, read_prompts(benchmarks, settings.prompts), settings)


def compare_speed(
    bundles: Mapping[str, Path], model: Path, prompts: Sequence[Prompt], settings: Speed
) -> dict[str, Any]:
    """The same for given prompts.

    Each subject is loaded in a process of its own, and all take turns at each question: what slows the machine down
    slows down all of them. One answers at a time.

    Returns:
        device, threads, rounds, new_tokens, bandwidth_gb_s (of reading memory), and ``rows``: one for each subject with
        a picture, then one without: medians and the 95th percentile of the time to the first token (ms), medians of
        decoding's tokens and characters a second, seconds to load (libraries imported before), peak memory (MB, over
        both kinds of question), and the share of the memory's bandwidth that decoding reached.
    """
    threads = os.cpu_count() or 1
    subjects: dict[str, tuple[Kind, Path]] = {
        name: (read_manifest(path).format, path) for name, path in bundles.items()
    }
    subjects[TRANSFORMERS] = ("transformers", model)
    measured, bandwidth = _measure(subjects, prompts, settings, threads)
    seconds = {name: bytes_per_token(*subject) / bandwidth for name, subject in subjects.items()}
    rows = [
        {"name": name, "with_image": cell.is_pictured, **_figures(cell, seconds[name]), **costs}
        for name, cells, costs in measured
        for cell in cells
    ]
    return {
        "device": device_name("cpu"),
        "threads": threads,
        "rounds": settings.rounds,
        "new_tokens": settings.new_tokens,
        "bandwidth_gb_s": bandwidth / 1e9,
        "rows": sorted(rows, key=lambda row: not row["with_image"]),
    }


def _measure(
    subjects: Mapping[str, tuple[Kind, Path]], prompts: Sequence[Prompt], settings: Speed, threads: int
) -> tuple[list[Measured], float]:
    """Each subject, and the bandwidth of memory in bytes a second."""
    bandwidth = Bandwidth(threads)
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(Process(kind, folder, threads)) for name, (kind, folder) in subjects.items()
        }
        total = 2 * (1 + settings.rounds * len(prompts))
        progress = Progress("timing", "questions asked of all", total, say=_log.info, tells_end=False)
        cells = [
            _take_turns(processes, prompts, is_pictured, settings, bandwidth, progress) for is_pictured in (True, False)
        ]
        measured = [
            (name, [own[name] for own in cells], {"load_seconds": one.load_seconds, "peak_mb": one.peak_mb()})
            for name, one in processes.items()
        ]
    return measured, bandwidth.median()


def _take_turns(
    processes: Mapping[str, Process],
    prompts: Sequence[Prompt],
    is_pictured: bool,
    settings: Speed,
    bandwidth: Bandwidth,
    progress: Progress,
) -> dict[str, Cell]:
    timings: dict[str, list[Timing]] = {name: [] for name in processes}
    for number in range(settings.rounds + 1):
        for question, picture in prompts if number else prompts[:1]:  # the first round warms up
            bandwidth.sample()
            for name, process in processes.items():
                timing = process.answer(question, picture if is_pictured else None, settings.new_tokens)
                if number:
                    timings[name].append(timing)
            progress.add()
    return {name: Cell(is_pictured, 1, own) for name, own in timings.items()}


def _figures(cell: Cell, reading: float) -> dict[str, float]:
    """Medians; ``reading`` is the seconds that it takes at least to read the weights for one token."""
    found = rates(cell)
    first, speed = percentiles(found["first_token_ms"]), float(np.median(found["tokens_per_second"]))
    return {
        "first_token_ms": first["p50"],
        "first_token_ms_p95": first["p95"],
        "tokens_per_second": speed,
        "characters_per_second": float(np.median(found["characters_per_second"])),
        "memory_share": reading * speed,
    }
