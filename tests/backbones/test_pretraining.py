"""A cut pretraining goes on as if nothing had happened."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional
from transformers import CLIPVisionModel

from components.backbones.pretraining import alignment, language_model
from components.backbones.pretraining.alignment import AlignmentPlan, align, with_one_more_layer
from components.backbones.pretraining.image_encoder import ImageEncoderPlan, PatchNamer, pretrain_image_encoder
from components.backbones.pretraining.language_model import LanguageModelPlan, Reader, pretrain_language_model
from components.backbones.pretraining.lessons import LESSONS as SHIPPED_LESSONS
from components.backbones.pretraining.lessons import STEPS, Lesson, learning_rate_at, lesson_at
from components.backbones.pretraining.pictures import make_pictures
from tests.model.tiny import tokenizer

LESSONS = (Lesson(0, captions=2, dialogues=0, lettered=0), Lesson(1, dialogues=2, lettered=1, options=2))
TEXT = LanguageModelPlan(steps=4, lessons=LESSONS, log_every=2, save_every=2)
PICTURES = ImageEncoderPlan(steps=4, batch=2, pictures=8, last_layer_every=2, log_every=2, save_every=2)
ALIGNMENT = AlignmentPlan(steps=4, batch=2, last_layer_every=2, log_every=2, save_every=2)


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
    generation = whole.model.generation_config
    assert generation is not None and generation.eos_token_id


def test_image_encoder_learns_from_the_same_pictures_after_a_cut(tmp_path: Path) -> None:
    _, first = pretrain_image_encoder(PICTURES, 3, tmp_path, tmp_path)
    assert len(rows_of(tmp_path / "image_encoder.csv")) == 3
    with (tmp_path / "image_encoder.csv").open("a", encoding="utf-8") as curve:
        curve.write("5,1,1,1,1\n")  # written before the cut, after the last restart point
    encoder, second = pretrain_image_encoder(replace(PICTURES, steps=6), 3, tmp_path, tmp_path)
    assert first.data_sha256 == second.data_sha256
    assert [row[0] for row in rows_of(tmp_path / "image_encoder.csv")[1:]] == ["2", "4", "6"]
    assert not encoder.training


@pytest.fixture(scope="module")
def naming() -> CLIPVisionModel:
    """An image encoder before its last lesson."""
    torch.manual_seed(5)
    return PatchNamer().encoder.eval()


@torch.no_grad()
def test_layers_below_the_new_one_do_what_they_did(naming: CLIPVisionModel) -> None:
    pictures = torch.randn(2, 3, 96, 96)
    before = naming(pictures, output_hidden_states=True).hidden_states
    after = with_one_more_layer(naming).eval()(pictures, output_hidden_states=True).hidden_states
    assert len(after) == len(before) + 1
    left, right = (functional.layer_norm(states[4], (128,)) for states in (before, after))
    assert torch.allclose(left, right, atol=0.02)


def test_alignment_goes_on_after_a_cut_and_leaves_the_layers_below_alone(
    naming: CLIPVisionModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describer = Reader(tokenizer()).describer.requires_grad_(False)
    pictures = make_pictures(8, 3, "train")
    before = with_one_more_layer(naming)
    whole, _ = align(naming, describer, pictures, ALIGNMENT, 3, tmp_path / "a", tmp_path / "a")
    rate = alignment.learning_rate

    def cut(step: int, steps: int, peak: float) -> float:
        if step == 3:
            raise Stopped
        return rate(step, steps, peak)

    monkeypatch.setattr(alignment, "learning_rate", cut)
    with pytest.raises(Stopped):
        align(naming, describer, pictures, ALIGNMENT, 3, tmp_path / "b", tmp_path / "b")
    monkeypatch.setattr(alignment, "learning_rate", rate)
    resumed, _ = align(naming, describer, pictures, ALIGNMENT, 3, tmp_path / "b", tmp_path / "b")
    assert rows_of(tmp_path / "a" / "alignment.csv") == rows_of(tmp_path / "b" / "alignment.csv")
    for name, weight in whole.named_parameters():
        assert torch.equal(weight, resumed.get_parameter(name)), name
        learns = ".layers.4." in name or ".layers.5." in name
        assert learns or torch.equal(weight, before.get_parameter(name)), name
    new = "encoder.layers.4.mlp.fc2.weight"
    assert not torch.equal(whole.get_parameter(new), before.get_parameter(new))


def test_lessons_follow_each_other_to_the_end() -> None:
    starts = [lesson.start for lesson in SHIPPED_LESSONS]
    assert starts == sorted(set(starts)) and starts[0] == 0 and starts[-1] < STEPS
    assert [lesson_at(SHIPPED_LESSONS, start) for start in starts] == list(SHIPPED_LESSONS)
    assert lesson_at(SHIPPED_LESSONS, starts[1] - 1) is SHIPPED_LESSONS[0]
    rates = [learning_rate_at(step) for step in range(STEPS)]
    assert min(rates) > 0 and max(rates) == 2.5e-3 and rates[-1] < 1e-4
