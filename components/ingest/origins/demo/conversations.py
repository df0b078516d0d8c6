"""Conversations in the layout of LLaVA-1.5's mix: one JSON file, an image folder, some text-only rows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.ingest.origins.demo.chat import (
    QuestionAnswer,
    conversation,
    positions,
    write_json,
)
from components.ingest.origins.demo.pictures import draw, for_training, sample_scenes, scaled, write_files
from components.ingest.origins.demo.text_only import instructions
from components.prompts import caption
from components.prompts.choice import LETTERS, k_dtcbench, k_mmbench
from components.scenes.scene import Scene

_COUNTS = {"digits": 800, "board": 800, "bars": 350, "table": 350, "sign": 600}
_TEXT_ONLY, _TEXT_ONLY_TURNS = 150, 3
_CAPTION_SHARE = 0.3
_MISSING, _CUT_SHORT = (7, 1009), (501, 2003)
"""Rows whose image is missing or damaged, as happens in the real data."""


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One row a scene, rows without an image scattered among them."""
    scenes = sample_scenes(rng, _COUNTS, share, for_training)
    paths = [f"demo/{scene.bucket}/{scene.name}.jpg" for scene in scenes]
    places = positions(rng)
    rows: list[dict[str, Any]] = [
        {
            "id": scene.name,
            "image": path,
            "conversations": conversation(rng, _turns(rng, scene, places), image=True),
        }
        for scene, path in zip(scenes, paths, strict=True)
    ]
    for row in _text_only(rng, scaled(_TEXT_ONLY, share)):
        rows.insert(rng.randrange(len(rows) + 1), row)
    write_files(folder / "images", _images(scenes, paths))
    write_json(folder / "chat.json", rows)


def _turns(rng: random.Random, scene: Scene, places: Iterator[int]) -> list[QuestionAnswer]:
    """All that can be asked about the scene, in random order."""
    turns = [(turn.question, turn.answer) for turn in scene.turns(rng)]
    for choice in scene.choices(rng):
        place, wording = next(places), rng.choice((k_dtcbench, k_mmbench))
        turns.append((wording(choice.question, choice.options(place)), LETTERS[place]))
    if rng.random() < _CAPTION_SHARE:
        turns.append((caption.QUESTION, scene.caption()))
    rng.shuffle(turns)
    return turns


def _text_only(rng: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """Rows without the key ``image``; some ids are numbers."""
    known = instructions(held_out=False)
    for number in range(count):
        turns = [(turn.question, turn.answer) for turn in rng.sample(known, _TEXT_ONLY_TURNS)]
        name = number if number % 2 else f"text-{number}"
        yield {"id": name, "conversations": conversation(rng, turns, image=False)}


def _images(scenes: list[Scene], paths: list[str]) -> Iterator[tuple[str, bytes]]:
    for index, (path, data) in enumerate(zip(paths, draw(scenes, "JPEG"), strict=True)):
        if index not in _MISSING:
            yield path, data[: len(data) // 2] if index in _CUT_SHORT else data
