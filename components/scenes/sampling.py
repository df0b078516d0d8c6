"""Which kinds of scene there are, and how one of a wanted split is drawn at random."""

from __future__ import annotations

import random
from collections.abc import Callable

from components.scenes.charts import Bars, Table
from components.scenes.digits import Digits
from components.scenes.scene import Scene, Split
from components.scenes.shapes import Board, SingleShape
from components.scenes.words import Sign

SAMPLERS: dict[str, Callable[[random.Random], Scene]] = {
    "sign": Sign.sample,
    "thing": Sign.sample_thing,
    "syllables": Sign.sample_syllables,
    "page": Sign.sample_page,
    "digits": Digits.sample,
    "digit_page": Digits.sample_page,
    "board": Board.sample,
    "single": SingleShape.sample,
    "bars": Bars.sample,
    "table": Table.sample,
}


def sample_scene(rng: random.Random, kind: str, split: Split) -> Scene:
    """A scene of a kind that belongs to a split (scenes of other splits are thrown away)."""
    while True:
        scene = SAMPLERS[kind](rng)
        if scene.split == split:
            return scene
