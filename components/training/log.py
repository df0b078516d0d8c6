"""What a training run tells: rows for DVC's plots, and lines on the terminal."""

from __future__ import annotations

import csv
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Row:
    """One logged step: means over the steps since the last one. Speeds are those of all workers together."""

    step: int
    loss: float
    learning_rate: float
    """The connector's."""
    learning_rate_lora: float | None
    gradient_norm: float
    samples_per_second: float
    tokens_per_second: float
    """Padding not counted."""
    padding: float
    """Share of what was computed."""
    waiting: float
    """Share of the time in which the first worker waited for data."""
    mfu: float | None
    """Model FLOPs utilisation (arXiv:2204.02311, appendix B); nothing where the device's peak is not known."""


@dataclass(frozen=True)
class ValidationRow:
    """Loss on the validation split after a step."""

    step: int
    loss: float


@dataclass
class Log:
    """All rows of a run. It travels in the checkpoints, so that a resumed run has one curve."""

    rows: list[Row] = field(default_factory=list)
    validation: list[ValidationRow] = field(default_factory=list)

    def save(self, folder: Path) -> None:
        """Write loss.csv and validation.csv."""
        _write(folder / "loss.csv", Row, self.rows)
        _write(folder / "validation.csv", ValidationRow, self.validation)

    @classmethod
    def load(cls, folder: Path) -> Log:
        """Read what ``save`` wrote."""
        return cls(_read(folder / "loss.csv", Row), _read(folder / "validation.csv", ValidationRow))

    def add(self, row: Row | ValidationRow) -> None:
        """Append a row; rows from its step on, told before a worker was lost, make room for it."""
        if isinstance(row, Row):
            self.rows = [*(old for old in self.rows if old.step < row.step), row]
        else:
            self.validation = [*(old for old in self.validation if old.step < row.step), row]


@dataclass(frozen=True)
class Counts:
    """What a step held, over all workers."""

    labelled: int
    tokens: int
    """Padding not counted."""
    positions: int
    """Padding counted."""
    flops: float


@dataclass
class Meter:
    """Sums over the steps since the last logged one."""

    loss: float = 0.0
    norm: float = 0.0
    tokens: int = 0
    positions: int = 0
    flops: float = 0.0
    steps: int = 0
    waited: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def add(self, loss: float, counts: Counts, norm: float) -> None:
        """One more step."""
        self.loss += loss
        self.norm += norm
        self.tokens += counts.tokens
        self.positions += counts.positions
        self.flops += counts.flops
        self.steps += 1

    def row(self, step: int, learning_rates: list[float], batch: int, peak: float | None) -> Row:
        """The means, as a row.

        Args:
            step: number of the last step.
            learning_rates: the connector's and, where it learns, LoRA's.
            batch: samples a step.
            peak: FLOP/s that the devices of all workers can do, if known.
        """
        seconds = max(time.monotonic() - self.started, 1e-9)
        return Row(
            step=step,
            loss=self.loss / self.steps,
            learning_rate=learning_rates[0],
            learning_rate_lora=learning_rates[1] if len(learning_rates) > 1 else None,
            gradient_norm=self.norm / self.steps,
            samples_per_second=self.steps * batch / seconds,
            tokens_per_second=self.tokens / seconds,
            padding=1 - self.tokens / self.positions,
            waiting=self.waited / seconds,
            mfu=self.flops / seconds / peak if peak else None,
        )


def progress_line(row: Row, steps: int, batch: int) -> str:
    """A line for the terminal, with the time that is left."""
    left = (steps - row.step) * batch / row.samples_per_second
    mfu = "" if row.mfu is None else f"  MFU {row.mfu:.1%}"
    return (
        f"step {row.step}/{steps}  loss {row.loss:.4f}  rate {row.learning_rate:.2e}  "
        f"{row.samples_per_second:.1f} samples/s  {row.tokens_per_second:.0f} tokens/s{mfu}  {left:.0f} s left"
    )


def _write(path: Path, kind: type, rows: list) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(kind)], lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in asdict(row).items()} for row in rows)


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def _read(path: Path, kind: type) -> list:
    with path.open(encoding="utf-8", newline="") as file:
        return [kind(step=int(row.pop("step")), **_numbers(row)) for row in csv.DictReader(file)]


def _numbers(row: dict[str, str]) -> dict[str, Any]:
    return {key: float(value) if value else None for key, value in row.items()}
