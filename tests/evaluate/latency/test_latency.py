"""Timings and what is made of them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from components.evaluate.figures import speed_rows
from components.evaluate.latency.clock import time_answers
from components.evaluate.latency.measure import NOT_TIMED, measure_speed
from components.evaluate.latency.rates import HIGHER_IS_BETTER, cell_name, rates, read_cells
from components.evaluate.latency.timing import Cell, Timing
from components.evaluate.models.loaded import Loaded
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.answerer import Answerer
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question
from components.evaluate.statistics.settings import Settings
from components.params.evaluation import Speed

QUICK = Timing(first=0.5, decode=1.0, total=1.5, tokens=33, characters=66)
SLOW = Timing(first=0.5, decode=2.0, total=2.5, tokens=33, characters=66)
MANY = Timing(first=2.0, decode=4.0, total=6.0, tokens=33, characters=264, answers=4)


def test_rates_are_of_decoding_alone() -> None:
    table = rates(Cell(True, 1, [QUICK, SLOW]))
    assert table["tokens_per_second"].tolist() == [32, 16]
    assert table["characters_per_second"].tolist() == [64, 32]
    assert table["first_token_ms"].tolist() == [500, 500]
    assert table["ms_per_token"].tolist() == pytest.approx([31.25, 62.5])
    assert table["end_to_end_ms"].tolist() == [1500, 2500]


def test_a_batch_counts_all_its_answers() -> None:
    """32 steps in 4 s for four answers: 8 steps, 32 tokens a second; 264 characters over 132 tokens are two each."""
    table = rates(Cell(False, 4, [MANY]))
    assert table["tokens_per_second"].tolist() == [32]
    assert table["characters_per_second"].tolist() == [64]
    assert table["ms_per_token"].tolist() == [125]


def test_rows_are_named_for_what_was_measured() -> None:
    cells = [Cell(True, 1, [QUICK] * 6), Cell(True, 4, [MANY] * 6), Cell(False, 1, [SLOW] * 6)]
    measured = {"device": "d", "precision": "bf16", "new_tokens": 33, "warmup": 2, "cells": [asdict(c) for c in cells]}
    assert [cell_name(cell) for cell in read_cells(measured)] == [
        "with_image_batch_1",
        "with_image_batch_4",
        "without_image_batch_1",
    ]
    rows = {row.metric: row for row in speed_rows("finetune", measured, Settings(0.95, 100, 1))}
    assert len(rows) == 15
    assert rows["tokens_per_second"].value == 32
    assert rows["tokens_per_second_batched"].value == 32
    assert rows["tokens_per_second_without_image"].value == 16
    assert rows["first_token_ms"].details["p95"] == 500
    assert not rows["end_to_end_ms_batched"].higher_is_better
    assert rows["tokens_per_second_batched"].condition == "batch 4, bf16, d; with a picture; 2 to warm up"


@pytest.mark.parametrize("batch", [1, 3])
def test_timed_answers_have_exactly_so_many_tokens(loaded: Loaded, questions: list[Question], batch: int) -> None:
    asked = [question for question in questions if question.image is not None][:batch]
    timing = time_answers(loaded, Answerer(loaded, Limits(8, 8)), asked, new_tokens=8)
    assert (timing.tokens, timing.answers) == (8, batch)
    assert 0 < timing.first < timing.first + timing.decode <= timing.total
    assert timing.characters > 0


def test_a_model_that_is_not_timed_has_the_reason() -> None:
    bundle = (ModelSpec("int8", "folder:x", "bundle", "bundle", "cpu"), Place(Path("x"), "d"))
    measured = measure_speed([bundle], [], 4, Speed(prompts=1, warmup=0, new_tokens=2))
    rows = list(speed_rows("int8", measured["int8"], Settings(0.95, 100, 1)))
    assert [row.metric for row in rows] == list(HIGHER_IS_BETTER)
    assert {(row.status, row.reason, row.value) for row in rows} == {("not run", NOT_TIMED["bundle"], None)}
