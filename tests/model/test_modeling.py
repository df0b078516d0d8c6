"""Image features, generation and loss."""

from __future__ import annotations

import pytest
import torch
from PIL import Image
from torch.nn import functional

from components.scenes.charts import Bars
from components.scenes.shapes import Board
from components.scenes.words import Sign
from tests.model.conftest import Pair
from tests.model.samples import picture

Question = tuple[str, Image.Image | None]


def inputs_of(pair: Pair, questions: list[Question], answer: str = "") -> dict[str, torch.Tensor]:
    _, processor = pair
    talks = [f"{processor.image_token}\n{text}" if shown else text for text, shown in questions]
    prompts = [f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n{answer}" for text in talks]
    pictures = [shown for _, shown in questions if shown is not None]
    return dict(processor(text=prompts, images=pictures or None, padding=True, return_tensors="pt"))


@torch.no_grad()
def test_image_features_are_those_of_the_last_layer_but_one_without_the_class(pair: Pair) -> None:
    model, _ = pair
    pixels = inputs_of(pair, [("?", picture(Board, 1)), ("?", picture(Bars, 2))])["pixel_values"]
    features = model.model.get_image_features(pixels).pooler_output
    states = model.model.vision_tower(pixels, output_hidden_states=True).hidden_states
    assert len(states) == 4
    assert torch.equal(torch.stack(features), model.model.multi_modal_projector(states[-2][:, 1:]))
    assert not torch.allclose(features[0], features[1])


@torch.no_grad()
def test_batch_of_unequal_questions_is_answered_as_one_by_one(pair: Pair) -> None:
    model, processor = pair
    questions: list[Question] = [
        ("무엇인가요?", picture(Board, 1)),
        ("봄 다음 계절은 무엇인가요?", None),
        ("그림에 쓰인 글자를 읽어 주세요. 글자는 모두 몇 자인가요?", picture(Sign, 2)),
        ("안녕하세요.", None),
    ]
    together = inputs_of(pair, questions)
    assert together["attention_mask"][1, 0] == 0, "padding stands on the left"
    told = model.generate(**together, max_new_tokens=8, do_sample=False)[:, together["input_ids"].shape[1] :]
    answers = processor.batch_decode(told, skip_special_tokens=True)
    for question, answer in zip(questions, answers, strict=True):
        alone = inputs_of(pair, [question])
        ids = model.generate(**alone, max_new_tokens=8, do_sample=False)[0, alone["input_ids"].shape[1] :]
        assert processor.decode(ids, skip_special_tokens=True) == answer
    assert len(set(answers)) > 1


@torch.no_grad()
def test_answer_depends_on_the_picture(pair: Pair) -> None:
    model, _ = pair
    first, second = (model(**inputs_of(pair, [("?", picture(Board, seed))])).logits[0, -1] for seed in (1, 2))
    assert not torch.allclose(first, second)


@torch.no_grad()
def test_loss_is_the_cross_entropy_over_all_logits(pair: Pair) -> None:
    model, _ = pair
    inputs = inputs_of(pair, [("무엇인가요?", picture(Board, 1)), ("안녕하세요.", None)], answer="사과<|im_end|>")
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
    inputs = inputs_of(pair, [("안녕하세요.", None)])
    assert float(model(**inputs, labels=torch.full_like(inputs["input_ids"], -100)).loss) == 0.0
