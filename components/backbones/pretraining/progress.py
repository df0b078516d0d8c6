"""Curves and restart points of a pretraining run."""

from __future__ import annotations

import csv
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from components.fingerprints.fingerprint import of_code


class Curve:
    """A CSV file that grows by one row a logged step, echoed on the terminal."""

    def __init__(self, path: Path, columns: tuple[str, ...], start: int) -> None:
        """``start`` is the step that the run begins with: rows after it, written before a cut, are written again."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._columns, self._start = path, columns, time.monotonic()
        lines = path.read_text(encoding="utf-8").splitlines()[1:] if start and path.exists() else []
        kept = [line for line in lines if int(line.partition(",")[0]) <= start]
        path.write_text("\n".join([",".join(columns), *kept]) + "\n", encoding="utf-8")

    def add(self, *values: float) -> None:
        """Append one row."""
        cells = [f"{value:.6g}" for value in values]
        with self._path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(cells)
        shown = "  ".join(f"{name} {cell}" for name, cell in zip(self._columns, cells, strict=True))
        print(f"[{self._path.stem}] {shown}  ({time.monotonic() - self._start:.0f} s)", flush=True)


def learning_rate(step: int, steps: int, peak: float, warmup: int = 100) -> float:
    """Linear warm-up, then a cosine down to nothing."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def code_digest() -> str:
    """Changes with the code that draws and teaches: no restart point or picture of other code is to be taken up."""
    return of_code("components.backbones.remake").digest[:12]


@dataclass
class Record:
    """What a run was made of: the digest of its data, and the seconds it took over all its restarts."""

    data_sha256: str
    seconds: float


def save_point(path: Path, step: int, model: torch.nn.Module, optimizer: torch.optim.Optimizer, **more: Any) -> None:
    """Write a restart point whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"step": step, "model": model.state_dict(), "optimizer": optimizer.state_dict(), **more}
    torch.save(state, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)


def load_point(path: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Load a restart point where there is one; ``step`` is the next step to run."""
    if not path.exists():
        return {"step": 0}
    state: dict[str, Any] = torch.load(path, weights_only=False)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return state
