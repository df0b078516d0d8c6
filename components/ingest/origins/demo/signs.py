"""Signs in the layout of AI Hub 81: an archive of images, a JSON file with words and characters."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from components.ingest.origins.demo.chat import write_json
from components.ingest.origins.demo.pictures import draw, for_training, sample_scenes, write_zip
from components.scenes.scene import SIDE, Box, Scene
from components.scenes.words import Sign, Word

_COUNTS = {"sign": 1500, "syllables": 1500}
_MISSING, _UNREADABLE, _NEGATIVE, _IGNORED = (11, 907), (23, 24), (41, 42, 43), (61, 62, 63)
"""Images with a fault: no file, words without text, a corner outside the frame, a region to be ignored."""


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One image a scene."""
    scenes = sample_scenes(rng, _COUNTS, share, for_training)
    names = [f"{scene.name}.jpg" for scene in scenes]
    annotations = [row for number, scene in enumerate(scenes) for row in _annotations(number, scene)]
    for number, row in enumerate(annotations):
        row["id"] = f"{number:08d}"
    images = [
        {"id": _image_id(number), "width": SIDE, "height": SIDE, "file_name": name, "type": "sign"}
        for number, name in enumerate(names)
    ]
    write_json(
        folder / "textinthewild_data_info.json",
        {"info": {"name": "Text in the wild Dataset"}, "images": images, "annotations": annotations},
    )
    write_zip(folder / "01_textinthewild_signboard_images.zip", _images(names, scenes))


def _images(names: Sequence[str], scenes: Sequence[Scene]) -> Iterator[tuple[str, bytes]]:
    for number, (name, data) in enumerate(zip(names, draw(scenes, "JPEG"), strict=True)):
        if number not in _MISSING:
            yield f"Signboard/{name}", data


def _image_id(number: int) -> str:
    return f"{number:08d}"


def _annotations(number: int, scene: Scene) -> Iterator[dict[str, Any]]:
    assert isinstance(scene, Sign)
    for word in scene.words:
        yield _annotation(number, word.text, word.box, "word")
        yield from _characters(number, word)
    if number in _IGNORED:
        yield _annotation(number, "###", (0.0, 0.9, 0.1, 1.0), "ignored")


def _characters(number: int, word: Word) -> Iterator[dict[str, Any]]:
    for region in word.syllables():
        yield _annotation(number, region.name, region.box, "character")


def _annotation(number: int, text: str, box: Box, kind: str) -> dict[str, Any]:
    x1, y1, x2, y2 = (round(edge * SIDE) for edge in box)
    if number in _NEGATIVE:
        x1 = -3
    return {
        "image_id": _image_id(number),
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "text": None if number in _UNREADABLE else text,
        "attributes": {"class": kind},
    }
