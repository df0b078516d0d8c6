"""What is judged, and what comes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """An answer to be rated."""

    item_id: str
    fields: dict[str, str]
    """``question``, ``reference`` and ``answer``; ``caption`` (the image in words) where a pair is rated."""


@dataclass
class Judged:
    """A case with its ratings."""

    item_id: str
    asked: int
    """Judgements wanted: repeats, times two where the order is swapped."""
    ratings: list[list[float]] = field(default_factory=list)
    """One entry a successful judgement: ``[reference's, answer's]`` from 1 to 10, or ``[verdict]``, 1 or 0."""
    repeats: list[int] = field(default_factory=list)
    """Of each entry, which repetition it is, from 0."""
    failures: Counter[str] = field(default_factory=Counter)
    """How many judgements failed, by reason. ``len(ratings) + failures.total() == asked``."""
