"""The log travels in checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.training.log import Log, Meter, Row, ValidationRow, progress_line


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    log = Log(
        [Row(10, 2.5, 1e-3, 0.75, 12.5, 1300.0), Row(20, 1.25, 9.5e-4, 0.5, 13.0, 1350.0)], [ValidationRow(20, 1.5)]
    )
    log.save(tmp_path)
    assert Log.load(tmp_path) == log
    again = tmp_path / "again"
    again.mkdir()
    Log.load(tmp_path).save(again)
    for name in ("loss.csv", "validation.csv"):
        assert (again / name).read_bytes() == (tmp_path / name).read_bytes()
    header = "step,loss,learning_rate,gradient_norm,samples_per_second,tokens_per_second"
    assert (tmp_path / "loss.csv").read_text(encoding="utf-8").splitlines()[0] == header


def test_large_step_numbers_survive(tmp_path: Path) -> None:
    log = Log([Row(1_234_567, 0.5, 1e-5, 1.0, 1.0, 1.0)], [ValidationRow(1_234_567, 0.5)])
    log.save(tmp_path)
    assert Log.load(tmp_path) == log


def test_empty_log(tmp_path: Path) -> None:
    Log().save(tmp_path)
    assert Log.load(tmp_path) == Log()


def test_row_is_the_mean_of_the_steps() -> None:
    row = Meter(loss=6.0, norm=3.0, samples=96, tokens=3000, steps=3).row(30, 1e-3)
    assert (row.step, row.loss, row.gradient_norm, row.learning_rate) == (30, 2.0, 1.0, 1e-3)
    assert row.tokens_per_second / row.samples_per_second == pytest.approx(3000 / 96)


def test_line_tells_the_time_left() -> None:
    line = progress_line("pretrain", Row(10, 2.5, 1e-3, 0.75, 8.0, 1300.0), 60, 32)
    assert line.startswith("pretrain: step 10/60  loss 2.5000")
    assert line.endswith("200 s left")
