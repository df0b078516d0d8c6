"""A benchmark's item, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass

from components.stages.errors import UserError


class BenchmarkError(UserError):
    """An item cannot be used, and with it the benchmark: it is whole or it is not that benchmark."""


@dataclass(frozen=True)
class Picture:
    """An encoded image with the name that it has in its source."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Item:
    """One question with its right answers."""

    item_id: str
    image: Picture | None
    prompt: str
    references: tuple[str, ...]
    category: str = ""
    group: str = ""
    """Items of one group are rotations of one question."""
    options: tuple[str, ...] = ()
    """The texts of A, B, C and on, where the source has them apart from the question."""
    context: str = ""
    """What a judge who cannot see the image is told about it."""
    seen: bool = True
    """False if the words to be read never stand in training data."""
