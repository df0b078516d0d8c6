"""Pictures with a name and a box for each patch: what the image encoder learns from."""

from __future__ import annotations

import hashlib
import os
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from components.backbones.pretraining.patches import IMAGE_SIDE, PATCHES, patches_of
from components.scenes.sampling import sample_scene
from components.scenes.scene import Split

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
        patches = patches_of(scene)
        names[row], edges[row] = patches.names, patches.edges
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
