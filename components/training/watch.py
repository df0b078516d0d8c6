"""Shows how training goes while it goes: lines on the terminal, curves that DVC and the dashboard draw, TensorBoard."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from components.training.log import Log, Row, ValidationRow, progress_line
from components.training.wire import Going, Lost, Message, Progress, Said, Stopped

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class Watch:
    """Follows one run."""

    def __init__(self, stage: str, batch: int, curves: Path, tensorboard: Path | None) -> None:
        """
        Args:
            stage: for the terminal.
            batch: samples a step.
            curves: folder for loss.csv and validation.csv.
            tensorboard: folder for its event files, if they are wanted.
        """
        self._stage, self._batch, self._curves = stage, batch, curves
        self._log, self._steps = Log(), 0
        self._writer = _tensorboard(tensorboard) if tensorboard else None
        self.stopped = ""

    def show(self, message: Message) -> None:
        """What a worker tells."""
        match message:
            case Said(text):
                self._say(text)
            case Going(done, steps, log):
                self._steps, self._log = steps, log
                self._say(f"going on after step {done} of {steps}" if done else f"{steps} steps")
            case Progress(row):
                self._add(row)
            case Lost(ranks, why):
                self._say(f"lost worker {', '.join(map(str, ranks))} ({why.splitlines()[0]}); starting anew")
            case Stopped(why):
                self.stopped = why

    def close(self) -> None:
        """Nothing more will come."""
        if self._writer:
            self._writer.close()

    def _add(self, row: Row | ValidationRow) -> None:
        self._log.add(row)
        self._curves.mkdir(parents=True, exist_ok=True)
        self._log.save(self._curves)
        if isinstance(row, Row):
            self._say(progress_line(row, self._steps, self._batch))
        if self._writer:
            kind = "train" if isinstance(row, Row) else "validation"
            for name, value in asdict(row).items():
                if name != "step" and value is not None:
                    self._writer.add_scalar(f"{kind}/{name}", value, row.step)
            self._writer.flush()

    def _say(self, text: str) -> None:
        print(f"{self._stage}: {text}", flush=True)


def _tensorboard(folder: Path) -> SummaryWriter:
    # Imported where it is wanted: it takes seconds.
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder))
