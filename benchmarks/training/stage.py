"""Stage 2 of the demo beside a plain Trainer, as whole programs: ``python -m benchmarks.training.stage``.

Both read what ``make demo`` has left in the working folder, train the same number of steps on the same global batches,
and write adapter and merged model. They take turns, each in a folder and a process of its own. Ratios are the plain
Trainer's seconds by the stage's: above 1, the stage is faster.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from benchmarks.training.plain import RESULT
from components.params.load import PARAMS_FILE
from components.stages.paths import PRETRAINED, REPORTS, SCRATCH, SHARDS

_ROOT = Path(__file__).parents[2]
STAGE, PLAIN = "components.finetune", "benchmarks.training.plain"


@dataclass(frozen=True)
class Turn:
    """One whole run."""

    seconds: float
    steady: float
    """Samples a second, start and end left out."""
    losses: list[float]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training.stage", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--epochs", type=float, help="default: what params.yaml says")
    arguments = parser.parse_args()
    values = YAML(typ="safe").load(PARAMS_FILE)
    if arguments.epochs:
        values["finetune"]["epochs"] = arguments.epochs
    turns: dict[str, list[Turn]] = {STAGE: [], PLAIN: []}
    for number in range(1, arguments.rounds + 1):
        for module, done in turns.items():
            done.append(take_turn(module, values))
            print(f"round {number}: {module}: {done[-1].seconds:.1f} s", file=sys.stderr, flush=True)
    Console(highlight=False, width=120).print(_table(turns))


def take_turn(module: str, values: dict) -> Turn:
    """Run one of the programs on what lies in the working folder, with params.yaml's values."""
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as name:
        folder = Path(name)
        for needed in (PRETRAINED, SHARDS):
            (folder / needed).parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(needed, folder / needed)
        YAML(typ="safe").dump(values, folder / PARAMS_FILE)
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", module],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(_ROOT)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds = time.monotonic() - began
        read = _read_stage if module == STAGE else _read_plain
        return read(folder, seconds, values["finetune"]["batch"])


def _read_stage(folder: Path, seconds: float, batch: int) -> Turn:
    with (folder / REPORTS / "finetune" / "loss.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    speeds = [float(row["samples_per_second"]) for row in rows[1:]]
    return Turn(seconds, median(speeds), [float(row["loss"]) for row in rows])


def _read_plain(folder: Path, seconds: float, batch: int) -> Turn:
    result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    return Turn(seconds, batch * (result["steps"] - 1) / result["steady"], result["losses"])


def _table(turns: dict[str, list[Turn]]) -> Table:
    table = Table(title=f"Stage 2 of the demo, medians of {len(turns[STAGE])} rounds", title_justify="left")
    table.add_column("program")
    for column in ("seconds", "x plain", "samples/s", "x plain", "first loss", "last loss"):
        table.add_column(column, justify="right")
    plain = turns[PLAIN]
    last = min(len(done[0].losses) for done in turns.values()) - 1  # the Trainer does not log an end between two logs
    for module, done in turns.items():
        whole = median(other.seconds / turn.seconds for turn, other in zip(done, plain, strict=True))
        steady = median(turn.steady / other.steady for turn, other in zip(done, plain, strict=True))
        table.add_row(
            module,
            f"{median(turn.seconds for turn in done):.1f}",
            f"{whole:.2f}",
            f"{median(turn.steady for turn in done):.1f}",
            f"{steady:.2f}",
            f"{done[0].losses[0]:.5f}",
            f"{done[0].losses[last]:.5f}",
        )
    return table


if __name__ == "__main__":
    main()
