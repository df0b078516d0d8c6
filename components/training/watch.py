"""Shows how training goes while it goes: lines on the terminal, curves that DVC and the dashboard draw, TensorBoard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ray.train import UserCallback

from components.training.log import Log, Row, ValidationRow, progress_line
from components.training.wire import Going, Lost, Message, Progress, Stopped, Wire

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

_EVERY_SECONDS = 0.5


class TellLostWorkers(UserCallback):
    """Tells of workers that ended with an error, which Ray Train replaces without a word."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def after_exception(self, run_context: object, worker_exceptions: dict[int, Exception]) -> None:
        """See Ray Train's UserCallback."""
        first = next(iter(worker_exceptions.values()))
        self._wire.send(Lost(tuple(sorted(worker_exceptions)), f"{type(first).__name__}: {first}"))


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

    @contextmanager
    def follow(self, wire: Wire) -> Iterator[None]:
        """Show what comes over the wire while the block runs."""
        over = threading.Event()
        thread = threading.Thread(target=self._follow, args=(wire, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            if self._writer:
                self._writer.close()

    def _follow(self, wire: Wire, over: threading.Event) -> None:
        while True:
            is_last = over.wait(_EVERY_SECONDS)
            for message in wire.receive():
                self._show(message)
            if is_last:
                return

    def _show(self, message: Message) -> None:
        match message:
            case Going(done, steps, log):
                self._steps, self._log = steps, log
                self._say(f"going on after step {done} of {steps}" if done else f"{steps} steps")
            case Progress(row):
                self._add(row)
            case Lost(ranks, why):
                self._say(f"lost worker {', '.join(map(str, ranks))} ({why.splitlines()[0]}); starting anew")
            case Stopped(why):
                self.stopped = why

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
