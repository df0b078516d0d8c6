"""What is shown while training goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from components.training.log import Log, Row, ValidationRow
from components.training.watch import Watch
from components.training.wire import Going, Lost, Message, Progress, Stopped


def show(watch: Watch, *messages: Message) -> None:
    """All that a worker tells, to the end."""
    for message in messages:
        watch.show(message)
    watch.close()


def row(step: int, loss: float) -> Row:
    return Row(step, loss, 1e-3, 2e-4, 0.5, 8.0, 900.0, 0.1, 0.05, None)


def test_lines_and_curves_are_there_while_it_trains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = Log([row(10, 3.0)], [])
    watch = Watch("finetune", 32, tmp_path / "reports", tensorboard=None)
    rows = row(20, 2.0), ValidationRow(20, 2.5), row(30, 1.5)
    show(watch, Going(10, 30, told), *(Progress(one) for one in rows))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "finetune: going on after step 10 of 30"
    assert [line.split("  ")[0] for line in lines[1:]] == ["finetune: step 20/30", "finetune: step 30/30"]
    log = Log.load(tmp_path / "reports")
    assert [logged.step for logged in log.rows] == [10, 20, 30], "the curve goes on from before"
    assert [logged.step for logged in log.validation] == [20]
    assert watch.stopped == ""


def test_a_lost_worker_and_a_stop_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watch = Watch("pretrain", 32, tmp_path, tensorboard=None)
    lost = Lost((1,), "WorkerDied: killed\nand more")
    show(watch, Going(0, 30, Log()), lost, Stopped("step 3: the loss is nan"))
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["pretrain: 30 steps", "pretrain: lost worker 1 (WorkerDied: killed); starting anew"]
    assert watch.stopped == "step 3: the loss is nan"


def test_tensorboard_gets_every_figure_that_is_known(tmp_path: Path) -> None:
    watch = Watch("finetune", 32, tmp_path / "reports", tensorboard=tmp_path / "board")
    rows = row(10, 3.0), row(20, 2.0), ValidationRow(20, 2.5)
    show(watch, Going(0, 20, Log()), *(Progress(one) for one in rows))
    board = EventAccumulator(str(tmp_path / "board"))
    board.Reload()
    assert [(event.step, event.value) for event in board.Scalars("train/loss")] == [(10, 3.0), (20, 2.0)]
    assert [(event.step, event.value) for event in board.Scalars("validation/loss")] == [(20, 2.5)]
    tags = board.Tags()["scalars"]
    assert "train/learning_rate_lora" in tags
    assert "train/mfu" not in tags
