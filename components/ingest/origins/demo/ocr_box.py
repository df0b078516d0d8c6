"""Signs with the box of one word each: text in, box out."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from components.ingest.origins.demo.chat import write_lines
from components.ingest.origins.demo.pictures import draw, for_benchmarks, sample_scenes, write_files
from components.scenes.scene import SIDE, Scene
from components.scenes.words import Sign

_COUNT = 200


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One item a sign."""
    scenes = sample_scenes(rng, {"sign": _COUNT}, share, for_benchmarks)
    names = [f"images/{scene.name}.png" for scene in scenes]
    rows = [_row(rng, scene, name) for scene, name in zip(scenes, names, strict=True)]
    write_files(folder, zip(names, draw(scenes, "PNG"), strict=True))
    write_lines(folder, rows)


def _row(rng: random.Random, scene: Scene, name: str) -> dict[str, Any]:
    assert isinstance(scene, Sign)
    word = rng.choice(scene.words)
    x1, y1, x2, y2 = (round(edge * SIDE) for edge in word.box)
    return {
        "id": scene.name,
        "image": name,
        "text": word.text,
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "width": SIDE,
        "height": SIDE,
    }
