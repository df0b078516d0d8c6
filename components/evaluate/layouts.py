"""What each layout of items is: its category, its wording's version, its scorer. New ones go here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from components.evaluate.scores import boxes, captions, choice, reading, short_answer
from components.evaluate.scores.figures import Scored, Settings
from components.prompts.choice import VERSION as CHOICE_WORDING

_OWN_WORDING = "project-1"


@dataclass(frozen=True)
class Layout:
    """A kind of benchmark."""

    category: str
    prompt_version: str
    score: Callable[[pd.DataFrame, Settings], Scored]
    """Takes the items with a column ``response``."""


LAYOUTS: dict[str, Layout] = {
    "k-dtcbench": Layout("closed", CHOICE_WORDING, choice.score),
    "k-mmbench": Layout("closed", CHOICE_WORDING, choice.score),
    "short-answer": Layout("open", _OWN_WORDING, short_answer.score),
    "captions": Layout("captioning", _OWN_WORDING, captions.score),
    "ocr-box": Layout("ocr", _OWN_WORDING, boxes.score),
    "ocr-read": Layout("ocr", _OWN_WORDING, reading.score),
    "culture": Layout("culture", CHOICE_WORDING, choice.score),
}


def layout_of(items: pd.DataFrame, benchmark: str) -> Layout:
    """The layout that all of a benchmark's items have.

    Raises:
        ValueError: naming the benchmark and the known layouts.
    """
    name = items["layout"].iloc[0]
    if name not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        raise ValueError(f"benchmark {benchmark}: layout {name!r} is none of {known}; add it to layouts.py")
    return LAYOUTS[name]
