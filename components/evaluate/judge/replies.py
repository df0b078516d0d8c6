"""What comes back from a judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.evaluate.judge.questions import Question

UNREADABLE = "unreadable reply"
CUT_OFF = "unreadable reply, cut off at evaluate.judge.max_tokens"


@dataclass(frozen=True)
class Reply:
    """A judge's text, or why there is none."""

    text: str | None
    reason: str = ""
    """Where there is no text: a few words, by which failures are counted."""
    detail: str = ""
    """What the server said about it."""
    is_cut: bool = False
    """Whether the text ended at the limit of tokens."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    """None where the server does not tell."""


Keep = Callable[[Question, Reply], bool]
"""Stores a reply before it returns; whether it is a rating. Called from several threads."""
