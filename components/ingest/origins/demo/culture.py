"""What a word names, as four-way choice: knowledge that the picture alone does not hold."""

from __future__ import annotations

import random
from pathlib import Path

from components.ingest.origins.demo.chat import positions, write_lines
from components.ingest.origins.demo.pictures import draw, for_benchmarks, sample_scenes, write_files
from components.prompts.choice import LETTERS
from components.scenes.scene import Scene

_COUNT = 80


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One item a sign with a single word whose kind is known."""
    scenes = sample_scenes(rng, {"sign": _COUNT}, share, lambda scene: _has_kind(scene) and for_benchmarks(scene))
    names = [f"images/{scene.name}.png" for scene in scenes]
    places = positions(rng)
    rows = []
    for scene, name in zip(scenes, names, strict=True):
        choice = next(choice for choice in scene.choices(rng) if choice.skill == "kind")
        place = next(places)
        rows.append(
            {
                "id": scene.name,
                "image": name,
                "question": choice.question,
                "options": choice.options(place),
                "answer": LETTERS[place],
                "category": choice.right,
            }
        )
    write_files(folder, zip(names, draw(scenes, "PNG"), strict=True))
    write_lines(folder, rows)


def _has_kind(scene: Scene) -> bool:
    return bool(getattr(scene, "known_kind", ""))
