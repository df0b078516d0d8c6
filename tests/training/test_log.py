"""The log travels in checkpoints."""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from components.training.log import Counts, Log, Meter, Row, ValidationRow, progress_line


def row(step: int, **changes: float) -> Row:
    values: dict[str, Any] = {
        "loss": 2.5,
        "learning_rate": 1e-3,
        "learning_rate_lora": None,
        "gradient_norm": 0.75,
        "samples_per_second": 8.0,
        "tokens_per_second": 1300.0,
        "padding": 0.125,
        "waiting": 0.0625,
        "mfu": None,
    }
    return Row(step=step, **(values | changes))


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    log = Log(
        [row(10), row(20, learning_rate_lora=9.5e-4, mfu=0.45)],
        [ValidationRow(20, 1.5)],
    )
    log.save(tmp_path)
    assert Log.load(tmp_path) == log
    again = tmp_path / "again"
    again.mkdir()
    Log.load(tmp_path).save(again)
    for name in ("loss.csv", "validation.csv"):
        assert (again / name).read_bytes() == (tmp_path / name).read_bytes()
    lines = (tmp_path / "loss.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(field.name for field in fields(Row))
    assert lines[1].endswith(",0.0625,"), "what is not known is left empty"


def test_large_step_numbers_survive(tmp_path: Path) -> None:
    log = Log([row(1_234_567)], [ValidationRow(1_234_567, 0.5)])
    log.save(tmp_path)
    assert Log.load(tmp_path) == log


def test_empty_log(tmp_path: Path) -> None:
    Log().save(tmp_path)
    assert Log.load(tmp_path) == Log()


def test_row_is_the_mean_of_the_steps() -> None:
    meter = Meter(started=time.monotonic() - 2)
    for loss in (1.0, 2.0, 3.0):
        meter.add(loss, Counts(labelled=100, tokens=900, positions=1000, flops=5e9), norm=1.5)
    meter.waited = 0.5
    logged = meter.row(30, [1e-3, 2e-4], batch=32, peak=1e11)
    assert (logged.step, logged.loss, logged.gradient_norm) == (30, 2.0, 1.5)
    assert (logged.learning_rate, logged.learning_rate_lora) == (1e-3, 2e-4)
    assert logged.padding == pytest.approx(0.1)
    assert logged.tokens_per_second / logged.samples_per_second == pytest.approx(2700 / 96)
    assert logged.waiting == pytest.approx(0.25, rel=0.1)
    assert logged.mfu == pytest.approx(15e9 / 2 / 1e11, rel=0.1)
    assert meter.row(30, [1e-3], batch=32, peak=None).mfu is None


def test_a_row_told_again_takes_the_place_of_those_from_its_step_on() -> None:
    log = Log()
    for step in (10, 20, 30, 20):
        log.add(row(step))
        log.add(ValidationRow(step, 1.0))
    assert [logged.step for logged in log.rows] == [logged.step for logged in log.validation] == [10, 20]


def test_line_tells_the_time_left() -> None:
    line = progress_line(row(10), 60, 32)
    assert line.startswith("step 10/60  loss 2.5000")
    assert line.endswith("200 s left")
    assert "MFU 45.0%" in progress_line(row(10, mfu=0.45), 60, 32)
