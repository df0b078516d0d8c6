"""The lettered options that a question lists."""

from __future__ import annotations

import re
from itertools import pairwise

_USUAL = 4
_MARK = re.compile(r"(?:^|(?<=[\s,;(]))(?P<letter>[A-H])(?P<sign>[.:)])(?=\s|[가-힣]|$)")
"""``A. ..``, ``A: ..``, ``A) ..`` or ``(A) ..``"""
_BETWEEN = re.compile(r"[\s,;]*\(?$")


def count_options(prompt: str) -> int:
    """How many lettered options a question lists (``A. ..``, ``A: ..``, ``(A) ..``); 4 where none can be seen."""
    seen = {mark["letter"] for mark in _MARK.finditer(prompt)}
    count = 0
    while chr(ord("A") + count) in seen:
        count += 1
    return count if count > 1 else _USUAL


def read_options(prompt: str) -> list[str]:
    """The texts of the options, A's first; empty where they cannot be told for certain.

    They can where the marks are alike and are A, B, C and on, each once. An option ends where the next begins, the last
    one with its line.
    """
    marks = list(_MARK.finditer(prompt))
    letters = "".join(mark["letter"] for mark in marks)
    if len(marks) < 2 or not "ABCDEFGH".startswith(letters) or len({mark["sign"] for mark in marks}) > 1:
        return []
    ends = [after.start() for _, after in pairwise(marks)] + [_line_end(prompt, marks[-1].end())]
    texts = [_BETWEEN.sub("", prompt[mark.end() : end]).strip() for mark, end in zip(marks, ends, strict=True)]
    return texts if all(texts) else []


def _line_end(text: str, start: int) -> int:
    found = text.find("\n", start)
    return len(text) if found < 0 else found
