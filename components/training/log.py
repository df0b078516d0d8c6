"""What a training run tells: rows for DVC's plots, and lines on the terminal."""

from __future__ import annotations

import csv
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One logged step: means over the steps since the last one."""

    step: int
    loss: float
    learning_rate: float
    gradient_norm: float
    samples_per_second: float
    tokens_per_second: float


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


@dataclass
class Meter:
    """Sums over the steps since the last logged one."""

    loss: float = 0.0
    norm: float = 0.0
    samples: int = 0
    tokens: int = 0
    steps: int = 0
    started: float = field(default_factory=time.monotonic)

    def row(self, step: int, learning_rate: float) -> Row:
        """The means, as a row."""
        seconds = max(time.monotonic() - self.started, 1e-9)
        return Row(
            step,
            self.loss / self.steps,
            learning_rate,
            self.norm / self.steps,
            self.samples / seconds,
            self.tokens / seconds,
        )


def progress_line(stage: str, row: Row, steps: int, batch: int) -> str:
    """A line for the terminal, with the time that is left."""
    left = (steps - row.step) * batch / row.samples_per_second
    return (
        f"{stage}: step {row.step}/{steps}  loss {row.loss:.4f}  rate {row.learning_rate:.2e}  "
        f"{row.samples_per_second:.1f} samples/s  {row.tokens_per_second:.0f} tokens/s  {left:.0f} s left"
    )


def _write(path: Path, kind: type, rows: list) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(kind)], lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in asdict(row).items()} for row in rows)


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def _read(path: Path, kind: type) -> list:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            kind(step=int(row.pop("step")), **{k: float(v) for k, v in row.items()}) for row in csv.DictReader(file)
        ]
