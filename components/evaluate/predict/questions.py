"""What a model is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True)
class Question:
    """A prompt, with a picture or without."""

    prompt: str
    image: Image.Image | None
    image_key: str = ""
    """The same for the same picture, which is then encoded once; "": it is encoded each time."""
    is_letter: bool = False
    """Whether the answer is a letter."""


@dataclass(frozen=True)
class Reply:
    """What was answered; seconds are the batch's time shared out over its items."""

    text: str
    seconds: float
    tokens: int
