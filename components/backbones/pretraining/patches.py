"""What stands in each patch of a scene: the image encoder learns to name it, the language model to talk about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from components.scenes.scene import Scene
from components.scenes.vocabulary import CELL_INDEX, EMPTY

IMAGE_SIDE, PATCH = 96, 8
PATCHES = IMAGE_SIDE // PATCH
_LEAST_COVER = 0.2
_AXIS = (np.arange(PATCHES, dtype=np.float32) + 0.5) / PATCHES
_MIDDLES = np.tile(np.stack((np.tile(_AXIS, PATCHES), np.repeat(_AXIS, PATCHES)), axis=1), 2)
"""(144, 4): x and y of each patch's middle, twice."""


@dataclass(frozen=True)
class Patches:
    """Names (144,) as places in CELL_INDEX, row by row; edges (144, 4): distances from a patch's middle to the left,
    top, right and bottom of what covers it, as shares of the picture (0 where nothing does)."""

    names: np.ndarray
    edges: np.ndarray

    @property
    def boxes(self) -> np.ndarray:
        """(144, 4): x1, y1, x2, y2 of what covers each patch, from -1 to 1 across the picture (0 where none)."""
        return boxes_of(self.edges)


def boxes_of(edges: np.ndarray) -> np.ndarray:
    """Distances to edges (..., 144, 4) as boxes; see ``Patches``."""
    boxes = _MIDDLES + edges * np.array([-1, -1, 1, 1], dtype=np.float32)
    return (boxes * 2 - 1) * edges.any(axis=-1, keepdims=True)


def patches_of(scene: Scene) -> Patches:
    """The name that covers most of each patch, and how far that thing reaches."""
    names = scene.grid(PATCHES, _LEAST_COVER)
    edges = np.zeros((PATCHES**2, 4), dtype=np.float32)
    regions = scene.regions()
    for patch, name in enumerate(names):
        if name == EMPTY:
            continue
        x, y = _MIDDLES[patch, :2]
        x1, y1, x2, y2 = min((r.box for r in regions if r.name == name), key=lambda b: _distance(b, x, y))
        edges[patch] = (x - x1, y - y1, x2 - x, y2 - y)
    return Patches(np.array([CELL_INDEX[name] for name in names]), edges)


def _distance(box: tuple[float, float, float, float], x: float, y: float) -> float:
    return ((box[0] + box[2]) / 2 - x) ** 2 + ((box[1] + box[3]) / 2 - y) ** 2
