"""Lettered multiple choice, worded as lmms-eval words the NCSOFT benchmarks (2026-08)."""

from __future__ import annotations

from collections.abc import Sequence

LETTERS = "ABCD"
INSTRUCTION = "주어진 선택지 중 해당 옵션의 문자로 바로 답하세요."
VERSION = "lmms-eval-2026-08"


def k_dtcbench(question: str, options: Sequence[str]) -> str:
    """K-DTCBench's wording: all options on one line."""
    listed = ", ".join(f"{letter}: {option}" for letter, option in zip(LETTERS, options, strict=False))
    return f"{question}\nOptions: {listed}\n{INSTRUCTION}"


def k_mmbench(question: str, options: Sequence[str], hint: str = "") -> str:
    """K-MMBench's wording: a hint where there is one, then one option a line and an empty line."""
    listed = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))
    return f"{hint} {question}".strip() + f" There are several options:\n{listed}\n\n{INSTRUCTION}"
