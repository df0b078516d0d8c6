"""Answers do not depend on what is answered beside them, and pictures are encoded once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from components.evaluate.models.loaded import Loaded
from components.evaluate.predict.answerer import Answerer
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question
from components.evaluate.predict.stopping import LetterLine

LIMITS = Limits(text=24, letter=12)


def answers(loaded: Loaded, questions: list[Question], batch: int) -> list[str]:
    answerer = Answerer(loaded, LIMITS)
    starts = range(0, len(questions), batch)
    return [reply.text for start in starts for reply in answerer.answer(questions[start : start + batch])]


def alone(loaded: Loaded, questions: list[Question]) -> list[str]:
    """By ``generate`` itself, one question at a time, nothing shared."""
    found = []
    for asked in questions:
        images = None if asked.image is None else [[asked.image]]
        text = loaded.chat(asked.prompt, asked.image is not None)
        inputs = loaded.processor(images=images, text=[text], return_tensors="pt")
        limit = LIMITS.letter if asked.is_letter else LIMITS.text
        with torch.inference_mode():
            ids = loaded.model.generate(
                **inputs, do_sample=False, max_new_tokens=limit, tokenizer=loaded.processor.tokenizer
            )
        found += loaded.texts(ids[:, inputs["input_ids"].shape[1] :])
    return found


@contextmanager
def encoded(loaded: Loaded) -> Iterator[list[int]]:
    """How many pictures each call of the image encoder got."""
    counts: list[int] = []

    def note(module: torch.nn.Module, arguments: tuple[torch.Tensor, ...]) -> None:
        counts.append(len(arguments[0]))

    handle = loaded.model.model.vision_tower.embeddings.register_forward_pre_hook(note)
    try:
        yield counts
    finally:
        handle.remove()


@pytest.fixture(scope="module")
def one_by_one(loaded: Loaded, questions: list[Question]) -> list[str]:
    return alone(loaded, questions)


@pytest.mark.parametrize("batch", [1, 3, 8, 64])
def test_a_batch_does_not_change_an_answer(
    loaded: Loaded, questions: list[Question], one_by_one: list[str], batch: int
) -> None:
    assert answers(loaded, questions, batch) == one_by_one
    assert len(set(one_by_one)) > 8


def test_nor_does_the_order(loaded: Loaded, questions: list[Question], one_by_one: list[str]) -> None:
    order = list(range(len(questions)))
    random.Random(3).shuffle(order)
    mixed = answers(loaded, [questions[place] for place in order], batch=7)
    assert [mixed[order.index(place)] for place in range(len(questions))] == one_by_one


def test_a_picture_that_questions_share_is_encoded_once(loaded: Loaded, questions: list[Question]) -> None:
    pictures = len({question.image_key for question in questions if question.image is not None})
    with encoded(loaded) as counts:
        answers(loaded, questions, batch=5)
    assert sum(counts) == pictures


def test_a_picture_without_a_key_is_encoded_each_time(loaded: Loaded, questions: list[Question]) -> None:
    asked = [Question(question.prompt, question.image) for question in questions[:2]]
    with encoded(loaded) as counts:
        Answerer(loaded, LIMITS).answer(asked)
    assert sum(counts) == 2


def test_tokens_are_counted_to_the_end_of_each_answer(loaded: Loaded, questions: list[Question]) -> None:
    replies = Answerer(loaded, LIMITS).answer(questions)
    for asked, reply in zip(questions, replies, strict=True):
        assert 0 < reply.tokens <= (LIMITS.letter if asked.is_letter else LIMITS.text)
        assert reply.seconds > 0
    assert len({reply.tokens for reply in replies}) > 1


@pytest.mark.parametrize(
    ("text", "ends"),
    [("A\n", True), (" (b)\n설명", True), ("A. 사과\n", False), ("A", False), ("정답은 A\n", False), ("\n\nA", False)],
)
def test_a_line_that_is_a_letter_ends_an_answer(loaded: Loaded, text: str, ends: bool) -> None:
    ids = loaded.processor.tokenizer("프롬프트" + text, return_tensors="pt").input_ids
    start = len(loaded.processor.tokenizer("프롬프트").input_ids)
    assert LetterLine(loaded.processor.tokenizer, start)(ids, None).tolist() == [ends]
