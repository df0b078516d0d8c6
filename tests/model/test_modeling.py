"""Image features, generation and loss."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
import torch
from PIL import Image
from torch.nn import functional

from components.scenes.charts import Bars
from components.scenes.shapes import Board
from components.scenes.words import Sign
from components.training.labels import IMAGE
from tests.model.conftest import Pair
from tests.model.samples import picture

Question = tuple[str, list[Image.Image]]
"""A text with a mark at the place of each picture, and the pictures."""


def some_questions() -> list[Question]:
    """Of unequal length, with one picture, none, and several between words."""
    return [
        (f"{IMAGE}\n무엇인가요?", [picture(Board, 1)]),
        ("봄 다음 계절은 무엇인가요?", []),
        (f"{IMAGE}\n그림에 쓰인 글자를 읽어 주세요. 글자는 모두 몇 자인가요?", [picture(Sign, 2)]),
        (f"{IMAGE}\n이것과 {IMAGE}\n이것은 같은가요? {IMAGE}\n이것은요?", [picture(Board, seed) for seed in (3, 4, 5)]),
        ("안녕하세요.", []),
        (f"이 그림을 보세요. {IMAGE}{IMAGE}", [picture(Bars, 6), picture(Board, 1)]),
    ]


def inputs_of(pair: Pair, questions: list[Question], answer: str = "") -> dict[str, torch.Tensor]:
    _, processor = pair
    texts = [text.replace(IMAGE, processor.image_token) for text, _ in questions]
    prompts = [f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n{answer}" for text in texts]
    pictures = [shown for _, several in questions for shown in several]
    return dict(processor(text=prompts, images=pictures or None, padding=True, return_tensors="pt"))


def answers_to(pair: Pair, questions: list[Question], **settings: Any) -> list[str]:
    """What the model says to questions that are asked together."""
    model, processor = pair
    inputs = inputs_of(pair, questions)
    ids = model.generate(**inputs, max_new_tokens=8, do_sample=False, **settings)
    return processor.batch_decode(ids[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


@contextmanager
def calls_of(module: torch.nn.Module) -> Iterator[list[torch.Size]]:
    """The shapes of what a module is given while this is open."""
    shapes: list[torch.Size] = []
    hook = module.register_forward_hook(lambda _, inputs, __: shapes.append(inputs[0].shape))
    try:
        yield shapes
    finally:
        hook.remove()


@torch.no_grad()
def test_image_features_are_those_of_the_last_layer_but_one_without_the_class(pair: Pair) -> None:
    model, _ = pair
    pixels = inputs_of(pair, [(IMAGE, [picture(Board, 1)]), (IMAGE, [picture(Bars, 2)])])["pixel_values"]
    features = model.model.get_image_features(pixels).pooler_output
    states = model.model.vision_tower(pixels, output_hidden_states=True).hidden_states
    assert len(states) == 4
    assert torch.equal(torch.stack(features), model.model.multi_modal_projector(states[-2][:, 1:]))
    assert not torch.allclose(features[0], features[1])


@torch.no_grad()
def test_without_the_class_the_encoder_sees_patches_alone(pair: Pair) -> None:
    model = deepcopy(pair[0])
    pixels = inputs_of(pair, [(IMAGE, [picture(Board, 1)])])["pixel_values"]
    with_class = model.model.image_tokens(pixels)
    model.config.use_cls = False
    with calls_of(model.model.vision_tower.encoder.layers[0]) as shapes:
        without = model.model.image_tokens(pixels)
    assert shapes == [(1, 144, 32)]
    assert without.shape == with_class.shape
    assert not torch.allclose(without, with_class)
    tower = model.model.vision_tower
    states = tower.pre_layrnorm(tower.embeddings(pixels)[:, 1:])
    for layer in tower.encoder.layers[:-1]:
        states = layer(states, None)
    assert torch.equal(without, model.model.multi_modal_projector(states))


@torch.no_grad()
@pytest.mark.parametrize("beams", [1, 3])
def test_batch_of_unequal_questions_is_answered_as_one_by_one(pair: Pair, beams: int) -> None:
    questions = some_questions()
    padding = inputs_of(pair, questions)["attention_mask"] == 0
    assert padding[:, 0].sum() == len(questions) - 1, "padding stands on the left"
    together = answers_to(pair, questions, num_beams=beams)
    alone = [answers_to(pair, [question], num_beams=beams)[0] for question in questions]
    assert together == alone
    assert len(set(together)) > 2


@torch.no_grad()
def test_order_of_several_pictures_matters(pair: Pair) -> None:
    model, _ = pair
    first, second = picture(Board, 1), picture(Bars, 2)
    logits = [
        model(**inputs_of(pair, [(f"{IMAGE}{IMAGE}", shown)])).logits for shown in ([first, second], [second, first])
    ]
    assert not torch.allclose(logits[0][0, -1], logits[1][0, -1])


@torch.no_grad()
def test_each_picture_stands_at_its_own_mark(pair: Pair) -> None:
    model, _ = pair
    question = some_questions()[3]
    inputs = inputs_of(pair, [question])
    features = torch.stack(model.model.get_image_features(inputs["pixel_values"]).pooler_output)
    embedded: list[torch.Tensor] = []
    hook = model.model.language_model.register_forward_pre_hook(
        lambda _, __, given: embedded.append(given["inputs_embeds"]), with_kwargs=True
    )
    model(**inputs)
    hook.remove()
    at_marks = embedded[0][0][inputs["input_ids"][0] == model.config.image_token_id]
    assert torch.equal(at_marks, features.flatten(0, 1))


@torch.no_grad()
def test_cache_changes_no_answer(pair: Pair) -> None:
    questions = some_questions()
    with calls_of(pair[0].lm_head) as cached:
        answers = answers_to(pair, questions, use_cache=True)
    assert answers == answers_to(pair, questions, use_cache=False)
    assert len(cached) > 1, "an answer of several tokens"


@torch.no_grad()
def test_cache_is_used(pair: Pair) -> None:
    questions = some_questions()
    length = inputs_of(pair, questions)["input_ids"].shape[1]
    with calls_of(pair[0].model.language_model.layers[0]) as shapes:
        answers_to(pair, questions, use_cache=True)
    assert [shape[1] for shape in shapes] == [length] + [1] * (len(shapes) - 1)
    with calls_of(pair[0].model.language_model.layers[0]) as shapes:
        answers_to(pair, questions, use_cache=False)
    assert [shape[1] for shape in shapes] == list(range(length, length + len(shapes)))


@torch.no_grad()
@pytest.mark.parametrize("use_cache", [True, False])
def test_pictures_are_encoded_once_an_answer_and_logits_are_those_of_the_last_token(
    pair: Pair, use_cache: bool
) -> None:
    model, _ = pair
    questions = some_questions()
    pictures = sum(len(several) for _, several in questions)
    with calls_of(model.model.vision_tower.encoder.layers[0]) as encoded, calls_of(model.lm_head) as read:
        answers_to(pair, questions, use_cache=use_cache)
    assert [shape[0] for shape in encoded] == [pictures]
    assert len(read) > 1
    assert {shape[1] for shape in read} == {1}


@torch.no_grad()
def test_answer_depends_on_the_picture(pair: Pair) -> None:
    model, _ = pair
    first, second = (model(**inputs_of(pair, [(IMAGE, [picture(Board, seed)])])).logits[0, -1] for seed in (1, 2))
    assert not torch.allclose(first, second)


@torch.no_grad()
def test_loss_is_the_cross_entropy_over_all_logits(pair: Pair) -> None:
    model, _ = pair
    inputs = inputs_of(
        pair, [(f"{IMAGE}\n무엇인가요?", [picture(Board, 1)]), ("안녕하세요.", [])], answer="사과<|im_end|>"
    )
    labels = torch.where(inputs["attention_mask"] == 1, inputs["input_ids"], -100)
    labels[:, :-5] = -100
    logits = model(**inputs).logits[:, :-1]
    summed = functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), reduction="sum")
    count = int((labels[:, 1:] != -100).sum())
    assert count == 10
    assert float(model(**inputs, labels=labels).loss) == pytest.approx(float(summed) / count, rel=1e-5)
    shared = model(**inputs, labels=labels, num_items_in_batch=4).loss
    assert float(shared) == pytest.approx(float(summed) / 4, rel=1e-5)


@torch.no_grad()
def test_loss_of_a_batch_without_labels_is_nothing(pair: Pair) -> None:
    model, _ = pair
    inputs = inputs_of(pair, [("안녕하세요.", [])])
    assert float(model(**inputs, labels=torch.full_like(inputs["input_ids"], -100)).loss) == 0.0
