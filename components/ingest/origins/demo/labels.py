"""Single shapes in the layout of AI Hub 79: an archive a category, a folder a label, nothing else."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from components.ingest.origins.demo.pictures import draw, for_training, sample_scenes, write_zip
from components.scenes.scene import Scene
from components.scenes.shapes import SHAPES, SingleShape

_COUNT = 400
_UNREADABLE = 5
_DECOMPOSED_EVERY = 3
_CROP_AREA = "crop_area.properties"


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One image a scene; a third of the names in decomposed Hangul, one file damaged."""
    scenes = sample_scenes(rng, {"single": _COUNT}, share, for_training)
    files = dict(_files(scenes))
    for form in SHAPES:
        inside = {name: data for name, data in files.items() if unicodedata.normalize("NFC", name).startswith(form)}
        if inside:
            write_zip(folder / f"{form}.zip", inside.items())


def _files(scenes: list[Scene]) -> Iterator[tuple[str, bytes]]:
    for number, (scene, data) in enumerate(zip(scenes, draw(scenes, "JPEG"), strict=True)):
        assert isinstance(scene, SingleShape)
        shape = scene.shapes[0]
        label = f"{shape.form}/{shape.name}"
        name = f"{label}/Img_{scene.name}.jpg"
        if number % _DECOMPOSED_EVERY == 0:
            name = unicodedata.normalize("NFD", name)
        yield name, b"not an image" if number == _UNREADABLE else data
        yield f"{label}/{_CROP_AREA}", f"Img_{scene.name}=0,0,100,100\n".encode()
