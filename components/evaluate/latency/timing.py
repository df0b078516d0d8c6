"""Timed answers."""

from __future__ import annotations

from dataclasses import dataclass

PROMPTS = "first-pictured-items-1"
"""Names the choice of prompts."""


@dataclass(frozen=True)
class Timing:
    """Seconds of one answer, or of one batch of answers, of a fixed number of tokens each."""

    first: float
    """Until the first token, the picture's preparation included."""
    decode: float
    """From the first token to the last."""
    total: float
    tokens: int
    """In each answer."""
    characters: int
    """In all answers."""
    answers: int = 1


@dataclass(frozen=True)
class Cell:
    """All timings of one kind."""

    is_pictured: bool
    batch: int
    timings: list[Timing]
