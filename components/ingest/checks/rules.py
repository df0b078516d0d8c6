"""The limits that a stage's samples must keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Rules:
    """Plain values, which travel to workers."""

    stage: Literal["pretrain", "finetune"]
    image_side: int
    """Shorter side of a stored image at most, in pixels."""
    max_length: int
    """Tokens, image tokens included."""
    image_tokens: int
    """Tokens that an image takes."""
    tokenizer: str
    """Folder of the language model."""
    reserved: tuple[str, ...]
    """Special tokens, which no text may hold."""
