"""Training's speed on a GPU at several pack lengths: ``python -m benchmarks.training.gpu`` (see gpu.sh).

Both stages in bf16, packed, with the recipe's batch on one device, with and without gradient checkpointing; each
setting in a fresh process, as a worker trains it. MFU is model FLOPs, counted as components/training/flops.py says,
over what the device can do at its peak.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Literal

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.training.mix import draw
from benchmarks.training.process import Trial, try_out
from benchmarks.training.setting import (
    SIZES,
    STAGES,
    Setting,
    Stage,
    job,
    longest_text,
    make_setting,
    recipe,
    stand_ins,
)
from components.stages.paths import SCRATCH

_WIDTH = 120
_ROWS = 3
"""Logged in a run; the first, in which kernels are chosen and memory is found, does not count."""


@dataclass(frozen=True)
class Load:
    """How much is trained: samples a step, steps a logged row, and tokens a sequence."""

    batch: int
    steps: int
    pack_lengths: tuple[int, ...]
    loader_processes: int


_LOADS = {
    "gpu": Load(batch=128, steps=8, pack_lengths=(4096, 8192, 16384, 32768), loader_processes=8),
    "cpu": Load(batch=4, steps=1, pack_lengths=(2048,), loader_processes=0),
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=_LOADS, default="gpu", help="cpu: a little, to see that all runs")
    parser.add_argument("--size", choices=SIZES, default="full", help="of the backbones (default: full)")
    parser.add_argument("--backbones", type=Path, help="folder with others; else random ones are made in scratch/")
    arguments = parser.parse_args()
    if arguments.device == "gpu" and not torch.cuda.is_available():
        sys.exit("no CUDA device here: run this where a GPU is, or see with `--device cpu --size tiny` that all runs")
    load = _LOADS[arguments.device]
    console = Console(highlight=False, width=_WIDTH)
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        params = recipe(Path(folder))
        backbones = arguments.backbones or stand_ins(arguments.size, params.seed)
        longest = longest_text(params)
        lengths = draw(load.batch * load.steps, longest, params.seed)
        setting = make_setting(Path(folder), params, backbones, lengths)
        console.print(table(setting, load, arguments.device))


def table(setting: Setting, load: Load, device: Literal["cpu", "gpu"]) -> Table:
    """Measure every case, and tell of each as it is done."""
    name = torch.cuda.get_device_name() if device == "gpu" else "CPU"
    result = Table(title=f"{name}, bf16, {load.batch} samples a step", title_justify="left")
    columns = "stage|pack length|recompute|tokens/s|samples/s|MFU|peak GiB|waiting"
    for number, column in enumerate(columns.split("|")):
        result.add_column(column, justify="right" if number else "left")
    for stage, pack_length, recompute in product(STAGES, load.pack_lengths, (False, True)):
        cells = [stage, str(pack_length), "yes" if recompute else "no"]
        cells += _measure(setting, load, device, stage, pack_length, recompute)
        print(*cells, file=sys.stderr, flush=True)
        result.add_row(*cells)
    return result


def _measure(
    setting: Setting, load: Load, device: str, stage: Stage, pack_length: int, recompute: bool
) -> Iterator[str]:
    """Cells of the table: medians over logged rows."""
    given = job(
        setting,
        stage,
        threads=os.cpu_count() or 1,
        device=device,
        batch=load.batch,
        micro_batch=1,
        pack_length=pack_length,
        gradient_checkpointing=recompute,
        loader_processes=load.loader_processes,
        epochs=float(_ROWS),
        log_every=load.steps,
        checkpoint_every=_ROWS * load.steps,
    )
    try:
        trial = try_out(given)
    except torch.OutOfMemoryError:
        return iter(("out of memory", *[""] * 4))
    return _cells(trial)


def _cells(trial: Trial) -> Iterator[str]:
    rows = trial.rows[1:]
    yield f"{median(row.tokens_per_second for row in rows):,.0f}"
    yield f"{median(row.samples_per_second for row in rows):.3g}"
    utilisations = [row.mfu for row in rows if row.mfu is not None]
    yield f"{median(utilisations):.1%}" if utilisations else "unknown"
    yield f"{trial.peak / 1024**3:.1f}"
    yield f"{median(row.waiting for row in rows):.1%}"


if __name__ == "__main__":
    main()
