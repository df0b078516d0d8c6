"""Open questions with short answers: about pictures, and text-only ones that training never shows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.ingest.origins.demo.chat import write_lines
from components.ingest.origins.demo.pictures import draw, for_benchmarks, sample_scenes, scaled, write_files
from components.ingest.origins.demo.text_only import instructions
from components.scenes.scene import Scene

_COUNTS = {"digits": 92, "board": 70, "bars": 32, "table": 32}


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One item a scene, and one a held-out instruction."""
    scenes = sample_scenes(rng, _COUNTS, share, for_benchmarks)
    names = [f"images/{scene.name}.png" for scene in scenes]
    write_files(folder, zip(names, draw(scenes, "PNG"), strict=True))
    write_lines(folder, [*_about_pictures(rng, scenes, names), *_text_only(rng, share)])


def _about_pictures(rng: random.Random, scenes: Sequence[Scene], names: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for scene, name in zip(scenes, names, strict=True):
        turn = rng.choice(scene.turns(rng))
        row = {"id": scene.name, "image": name, "question": turn.question, "answer": turn.answer}
        rows.append({**row, "category": turn.skill})
    return rows


def _text_only(rng: random.Random, share: float) -> list[dict[str, Any]]:
    held_out = instructions(held_out=True)
    chosen = rng.sample(held_out, scaled(len(held_out), share))
    return [
        {
            "id": f"text-{number}",
            "image": None,
            "question": turn.question,
            "answer": turn.answer,
            "category": "text only",
        }
        for number, turn in enumerate(chosen)
    ]
