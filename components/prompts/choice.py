"""Lettered multiple choice, worded as lmms-eval words the NCSOFT benchmarks (2026-08)."""

from __future__ import annotations

import re
from collections.abc import Sequence

LETTERS = "ABCD"
INSTRUCTION = "주어진 선택지 중 해당 옵션의 문자로 바로 답하세요."
ENGLISH_INSTRUCTION = "Answer with the option's letter from the given choices directly"
VERSION = "lmms-eval-2026-08"
_IMAGE_MARK = re.compile(r"<image(?: \d+)?>")


def k_seed(question: str, options: Sequence[str]) -> str:
    """K-SEED's wording: one option a line."""
    return f"{question}\n{_lines(options)}\n{INSTRUCTION}"


def k_dtcbench(question: str, options: Sequence[str]) -> str:
    """K-DTCBench's wording: all options on one line."""
    listed = ", ".join(f"{letter}: {option}" for letter, option in zip(LETTERS, options, strict=False))
    return f"{question}\nOptions: {listed}\n{INSTRUCTION}"


def k_mmbench(question: str, options: Sequence[str], hint: str = "") -> str:
    """K-MMBench's wording: a hint where there is one, then one option a line and an empty line."""
    return f"{hint} {question}".strip() + f" There are several options:\n{_lines(options)}\n\n{INSTRUCTION}"


def k_mmstar(question: str) -> str:
    """K-MMStar's wording: the options stand inside the question, which may hold marks for the image's place."""
    return f"{_IMAGE_MARK.sub('', question).strip()}\n{ENGLISH_INSTRUCTION}"


def _lines(options: Sequence[str]) -> str:
    return "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))
