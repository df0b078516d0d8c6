"""When an answer that is to be a letter has ended."""

from __future__ import annotations

import re

_LETTER_LINE = re.compile(r"\W*[A-Za-z]\W*\n")


def letter_end(text: str) -> int | None:
    """Where a first line that is a letter alone ends; None: the answer has no such line so far.

    What a verbose model adds below would not be read anyway.
    """
    match = _LETTER_LINE.match(text)
    return match.end() if match else None
