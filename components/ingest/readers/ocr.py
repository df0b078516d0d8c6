"""Words with their boxes to a conversation: what is written here, and where is this word?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components.ingest.readers.boxes import Box
from components.ingest.records import IMAGE_MARK, BadRow, Message, is_text, nfc
from components.ingest.wording import Wording

TASKS: dict[str, set[str]] = {"read": set(), "where": {"text"}}
"""What a wording for reading must have."""
_UNREADABLE = {"", "###", "xxx"}
"""What annotators wrote for words that nobody can read."""
_MOST_WHERE = 3


@dataclass(frozen=True)
class Word:
    """A word, a line or an object's name, as it is annotated."""

    text: str
    box: Box


def readable(text: Any) -> str | None:
    """The text on one line; None where annotators left none or could not read it.

    Raises:
        BadRow: if it is no text.
    """
    if text is None:
        return None
    if not is_text(text):
        raise BadRow(f"text is not text: {type(text).__name__}")
    joined = " ".join(nfc(text).split())
    return None if joined in _UNREADABLE else joined


def converse(words: Sequence[Word], wording: Wording, rng: random.Random) -> tuple[Message, ...]:
    """Read everything in order; then up to three words that stand once in the picture are looked for.

    Raises:
        BadRow: if there is no word.
    """
    if not words:
        raise BadRow("no readable word")
    ordered = in_reading_order(words)
    turns = [
        Message("user", f"{IMAGE_MARK}\n{wording.say(rng, 'read')}"),
        Message("assistant", " ".join(word.text for word in ordered)),
    ]
    return *turns, *find(ordered, wording, rng, "text")


def find(words: Sequence[Word], wording: Wording, rng: random.Random, slot: str) -> list[Message]:
    """Turns that ask where some of the words are; ``slot`` is their place in the templates of the task ``where``."""
    times = Counter(word.text for word in words)
    sure = [word for word in words if times[word.text] == 1 and word.box.has_area]
    turns = []
    for word in rng.sample(sure, min(_MOST_WHERE, len(sure))):
        turns.append(Message("user", wording.say(rng, "where", **{slot: word.text})))
        turns.append(Message("assistant", str(word.box)))
    return turns


def in_reading_order(words: Sequence[Word]) -> list[Word]:
    """Line by line from the top, each from the left. A line takes words whose middles are level with it."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.box.y1 + w.box.y2, w.box.x1)):
        middle = (word.box.y1 + word.box.y2) / 2
        if lines and lines[-1][0].box.y1 <= middle <= lines[-1][0].box.y2:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [word for line in lines for word in sorted(line, key=lambda w: w.box.x1)]
