"""Seconds and memory of one step of each stage at full size on the CPU: ``python -m benchmarks.training.memory``.

Each stage trains one step of 4 samples, packed, in a fresh process, as a worker does: set-up and validation included.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks.training.mix import typical
from benchmarks.training.process import try_out
from benchmarks.training.setting import SIZES, STAGES, job, longest_text, make_setting, recipe, stand_ins
from components.stages.paths import SCRATCH

_BATCH, _PACK_LENGTH = 4, 2048
_LIMIT = 12 * 1024**3


def main() -> None:
    """Command line. Fails if a stage takes more than 12 GiB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full", help="of the backbones (default: full)")
    parser.add_argument("--backbones", type=Path, help="folder with others; else random ones are made in scratch/")
    arguments = parser.parse_args()
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        params = recipe(Path(folder))
        lengths = typical(_BATCH, longest_text(params), params.seed)
        backbones = arguments.backbones or stand_ins(arguments.size, params.seed)
        setting = make_setting(Path(folder), params, backbones, lengths)
        for stage in STAGES:
            trial = try_out(
                job(
                    setting,
                    stage,
                    threads=os.cpu_count() or 1,
                    device="cpu",
                    batch=_BATCH,
                    micro_batch=1,
                    pack_length=_PACK_LENGTH,
                    loader_processes=0,
                )
            )
            seconds = _BATCH / trial.rows[-1].samples_per_second
            print(f"{stage}: {seconds:.1f} s a step, peak {trial.peak / 1024**3:.1f} GiB", flush=True)
            if trial.peak > _LIMIT:
                raise SystemExit(f"{stage} takes more than {_LIMIT / 1024**3:.0f} GiB")


if __name__ == "__main__":
    main()
