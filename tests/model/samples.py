"""Pictures and conversations to test with."""

from __future__ import annotations

import random
from typing import Protocol

from PIL import Image

from components.scenes.scene import Scene


class Kind(Protocol):
    """A class of scenes."""

    def sample(self, rng: random.Random) -> Scene:
        """A scene drawn at random."""


def picture(kind: Kind, seed: int) -> Image.Image:
    """A picture of a kind."""
    return kind.sample(random.Random(seed)).draw()
