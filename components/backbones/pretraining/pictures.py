"""Pictures with a name and a box for each patch: what the image encoder learns from."""

from __future__ import annotations

import hashlib
import os
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from components.scenes.sampling import sample_scene
from components.scenes.scene import Scene, Split
from components.scenes.vocabulary import CELL_INDEX, EMPTY

IMAGE_SIDE, PATCH = 96, 8
PATCHES = IMAGE_SIDE // PATCH
_KINDS = {
    "page": 0.4,
    "sign": 0.14,
    "digits": 0.08,
    "digit_page": 0.12,
    "board": 0.1,
    "single": 0.03,
    "bars": 0.07,
    "table": 0.06,
}
_LEAST_COVER = 0.2


@dataclass
class Pictures:
    """Pixels (n, 96, 96, 3) uint8; names (n, 144) of patches; edges (n, 144, 4): distances from a patch's middle to
    the left, top, right and bottom of what covers it, as shares of the picture; digest over all scenes."""

    pixels: np.ndarray
    names: np.ndarray
    edges: np.ndarray
    digest: str


def make_pictures(count: int, seed: int, split: Split) -> Pictures:
    """Draw ``count`` scenes of a split."""
    rng = random.Random(seed)
    pixels = np.zeros((count, IMAGE_SIDE, IMAGE_SIDE, 3), dtype=np.uint8)
    names = np.zeros((count, PATCHES**2), dtype=np.int64)
    edges = np.zeros((count, PATCHES**2, 4), dtype=np.float32)
    digest = hashlib.sha256()
    for row in range(count):
        scene = sample_scene(rng, rng.choices(list(_KINDS), weights=list(_KINDS.values()))[0], split)
        digest.update(scene.digest.encode())
        pixels[row] = np.asarray(scene.draw().resize((IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.BICUBIC))
        names[row], edges[row] = _targets(scene)
    return Pictures(pixels, names, edges, digest.hexdigest())


def load_or_make(path: Path, count: int, seed: int, split: Split) -> Pictures:
    """Pictures drawn before and kept in ``path``, or drawn now and kept there."""
    if path.exists():
        kept = np.load(path)
        return Pictures(kept["pixels"], kept["names"], kept["edges"], str(kept["digest"]))
    pictures = make_pictures(count, seed, split)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part.npz")
    np.savez(part, pixels=pictures.pixels, names=pictures.names, edges=pictures.edges, digest=pictures.digest)
    os.replace(part, path)
    return pictures


def _targets(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    names = scene.grid(PATCHES, _LEAST_COVER)
    middles = (np.arange(PATCHES) + 0.5) / PATCHES
    edges = np.zeros((PATCHES**2, 4), dtype=np.float32)
    regions = scene.regions()
    for patch, name in enumerate(names):
        if name == EMPTY:
            continue
        x, y = middles[patch % PATCHES], middles[patch // PATCHES]
        x1, y1, x2, y2 = min((r.box for r in regions if r.name == name), key=lambda b: _distance(b, x, y))
        edges[patch] = (x - x1, y - y1, x2 - x, y2 - y)
    return np.array([CELL_INDEX[name] for name in names]), edges


def _distance(box: tuple[float, float, float, float], x: float, y: float) -> float:
    return ((box[0] + box[2]) / 2 - x) ** 2 + ((box[1] + box[3]) / 2 - y) ** 2
