"""A cut pretraining goes on as if nothing had happened."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from components.backbones.pretraining import language_model
from components.backbones.pretraining.image_encoder import ImageEncoderPlan, pretrain_image_encoder
from components.backbones.pretraining.language_model import LanguageModelPlan, pretrain_language_model
from components.backbones.pretraining.lessons import LESSONS as SHIPPED_LESSONS
from components.backbones.pretraining.lessons import STEPS, Lesson, learning_rate_at, lesson_at
from tests.model.tiny import tokenizer

LESSONS = (Lesson(0, captions=2, dialogues=0, lettered=0), Lesson(1, dialogues=2, lettered=1, options=2))
TEXT = LanguageModelPlan(steps=4, lessons=LESSONS, log_every=2, save_every=2)
PICTURES = ImageEncoderPlan(steps=4, batch=2, pictures=8, last_layer_every=2, log_every=2, save_every=2)


def rows_of(path: Path) -> list[list[str]]:
    """The rows of a curve."""
    return list(csv.reader(path.open(encoding="utf-8")))


class Stopped(Exception):
    """Stands for a kill."""


def test_language_model_goes_on_after_a_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, record = pretrain_language_model(tokenizer(), TEXT, 3, tmp_path / "a", tmp_path / "a")
    rates = language_model.learning_rate_at

    def cut(step: int) -> float:
        if step == 3:
            raise Stopped
        return rates(step)

    monkeypatch.setattr(language_model, "learning_rate_at", cut)
    with pytest.raises(Stopped):
        pretrain_language_model(tokenizer(), TEXT, 3, tmp_path / "b", tmp_path / "b")
    monkeypatch.setattr(language_model, "learning_rate_at", rates)
    resumed, again = pretrain_language_model(tokenizer(), TEXT, 3, tmp_path / "b", tmp_path / "b")
    for left, right in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(left, right)
    assert record.data_sha256 == again.data_sha256
    assert rows_of(tmp_path / "a" / "language_model.csv") == rows_of(tmp_path / "b" / "language_model.csv")
    assert whole.generation_config is not None and whole.generation_config.eos_token_id


def test_image_encoder_learns_from_the_same_pictures_after_a_cut(tmp_path: Path) -> None:
    _, first = pretrain_image_encoder(PICTURES, 3, tmp_path, tmp_path)
    assert len(rows_of(tmp_path / "image_encoder.csv")) == 3
    encoder, second = pretrain_image_encoder(replace(PICTURES, steps=6), 3, tmp_path, tmp_path)
    assert first.data_sha256 == second.data_sha256
    assert [row[0] for row in rows_of(tmp_path / "image_encoder.csv")[1:]] == ["2", "4", "6"]
    assert not encoder.training


def test_lessons_follow_each_other_to_the_end() -> None:
    starts = [lesson.start for lesson in SHIPPED_LESSONS]
    assert starts == sorted(set(starts)) and starts[0] == 0 and starts[-1] < STEPS
    assert [lesson_at(SHIPPED_LESSONS, start) for start in starts] == list(SHIPPED_LESSONS)
    assert lesson_at(SHIPPED_LESSONS, starts[1] - 1) is SHIPPED_LESSONS[0]
    rates = [learning_rate_at(step) for step in range(STEPS)]
    assert min(rates) > 0 and max(rates) == 2.5e-3 and rates[-1] < 1e-4
