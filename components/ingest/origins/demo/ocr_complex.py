"""Open questions on charts and tables, for a judge who compares answers with the reference."""

from __future__ import annotations

import random
from pathlib import Path

from components.ingest.origins.demo.chat import write_lines
from components.ingest.origins.demo.pictures import draw, for_benchmarks, sample_scenes, write_files

_COUNTS = {"bars": 12, "table": 12}
_CATEGORIES = {"bars": "chart", "table": "table"}


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One item a scene."""
    scenes = sample_scenes(rng, _COUNTS, share, for_benchmarks)
    names = [f"images/{scene.name}.png" for scene in scenes]
    rows = []
    for scene, name in zip(scenes, names, strict=True):
        turn = rng.choice(scene.turns(rng))
        item = {"id": scene.name, "image": name, "question": turn.question, "answer": turn.answer}
        rows.append(item | {"category": _CATEGORIES[scene.kind]})
    write_files(folder, zip(names, draw(scenes, "PNG"), strict=True))
    write_lines(folder, rows)
