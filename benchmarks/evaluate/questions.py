"""Multiple-choice questions about random pictures, with the lengths of real ones."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from components.evaluate.predict.questions import Question
from components.prompts.choice import k_mmbench

_SIDE = (336, 448)
_WORDS = (
    *("그림에서", "오른쪽에", "있는", "사람은", "무엇을", "하고", "있나요?", "다음", "가운데"),
    *("옳은", "것을", "고르세요.", "표의", "둘째", "줄에", "적힌", "값은", "얼마인가요?", "바다", "회사", "학교"),
)
_QUESTION_WORDS, _OPTION_WORDS = (6, 16), (1, 5)


def draw_questions(pictures: int, per_picture: int, seed: int) -> list[Question]:
    """``per_picture`` questions on each picture; those of one picture are rotations of one question, as K-MMBench's."""
    rng = random.Random(seed)
    return [question for _ in range(pictures) for question in _rotations(per_picture, rng)]


def _rotations(count: int, rng: random.Random) -> list[Question]:
    image, key = _picture(rng), f"{rng.getrandbits(64):016x}"
    text, options = _words(_QUESTION_WORDS, rng), [_words(_OPTION_WORDS, rng) for _ in range(4)]
    prompts = [k_mmbench(text, options[turn % 4 :] + options[: turn % 4]) for turn in range(count)]
    return [Question(prompt, image, key, is_letter=True) for prompt in prompts]


def _words(bounds: tuple[int, int], rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(*bounds)))


def _picture(rng: random.Random) -> Image.Image:
    width, height = _SIDE
    pixels = np.random.default_rng(rng.getrandbits(32)).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)
