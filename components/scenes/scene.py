"""What every kind of scene has in common: a specification, its digest and split, its regions on a grid."""

from __future__ import annotations

import hashlib
import json
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import ClassVar, Literal, get_args

import numpy as np
from PIL import Image

from components.scenes.vocabulary import EMPTY

SIDE = 192
"""Width and height of a drawn picture in pixels; twice what the demo's image encoder sees."""
Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 as shares of the picture's width and height."""
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
_VALIDATION_BUCKETS, _TEST_BUCKETS = range(0, 16), range(16, 56)


@dataclass(frozen=True)
class Region:
    """A named thing in the picture: a syllable, a digit, a label, a shape, a bar."""

    name: str
    box: Box


@dataclass(frozen=True)
class Turn:
    """A question with its answer."""

    question: str
    answer: str
    skill: str


@dataclass(frozen=True)
class Choice:
    """A question with one right and three wrong options, not yet lettered."""

    question: str
    right: str
    wrong: tuple[str, str, str]
    skill: str

    def options(self, position: int) -> list[str]:
        """The four options with the right one at ``position``."""
        options = list(self.wrong)
        options.insert(position, self.right)
        return options


def bucket_split(bucket: str) -> Split:
    """The split of a two-digit hexadecimal bucket: 16 of 256 are validation, 40 test."""
    number = int(bucket, 16)
    if number in _VALIDATION_BUCKETS:
        return "validation"
    return "test" if number in _TEST_BUCKETS else "train"


@dataclass(frozen=True)
class Scene(ABC):
    """One picture's content. Two equal specifications draw the same picture and give the same text."""

    kind: ClassVar[str]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the specification, in hexadecimal."""
        spec = json.dumps({"kind": self.kind, **asdict(self)}, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(spec.encode()).hexdigest()

    @property
    def bucket(self) -> str:
        """Two hexadecimal digits that decide the split."""
        return self.digest[:2]

    @property
    def split(self) -> Split:
        """The split that the scene belongs to, whoever draws it."""
        return bucket_split(self.bucket)

    @property
    def name(self) -> str:
        """File name without suffix; begins with the bucket."""
        return self.bucket + self.digest[2:16]

    @abstractmethod
    def regions(self) -> list[Region]:
        """All that is visible, with boxes."""

    @abstractmethod
    def draw(self) -> Image.Image:
        """The picture, RGB, SIDE x SIDE pixels."""

    @abstractmethod
    def caption(self) -> str:
        """One sentence that names all that is visible."""

    @abstractmethod
    def turns(self, rng: random.Random) -> list[Turn]:
        """Questions with short answers, worded at random."""

    @abstractmethod
    def choices(self, rng: random.Random) -> list[Choice]:
        """Questions with options to choose from."""

    def grid(self, side: int, least: float) -> list[str]:
        """Names on a ``side`` x ``side`` grid, row by row.

        A cell takes the name of the region that covers most of it, if that is at least the share ``least``.
        """
        regions = self.regions()
        names = [EMPTY] * (side * side)
        if not regions:
            return names
        boxes = np.array([region.box for region in regions]) * side
        starts = np.arange(side)
        wide = _overlap(boxes[:, 0], boxes[:, 2], starts)
        high = _overlap(boxes[:, 1], boxes[:, 3], starts)
        covered = np.einsum("rx,ry->yxr", wide, high).reshape(side * side, -1)
        best = covered.argmax(axis=1)
        for cell in np.flatnonzero(covered.max(axis=1) >= least):
            names[cell] = regions[best[cell]].name
        return names


def _overlap(low: np.ndarray, high: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Length that each interval [low, high] shares with each unit interval; (intervals, starts)."""
    shared = np.minimum(high[:, None], starts + 1) - np.maximum(low[:, None], starts)
    return np.clip(shared, 0, None)


def format_box(box: Box) -> str:
    """A box as the demo's answers write it, e.g. ``[0.10,0.25,0.80,0.52]``."""
    return "[" + ",".join(f"{value:.2f}" for value in box) + "]"


def pick_wrong(rng: random.Random, right: str, candidates: Sequence[str]) -> tuple[str, str, str]:
    """Three different options that are not the right one."""
    first, second, third = rng.sample([c for c in dict.fromkeys(candidates) if c != right], 3)
    return first, second, third
