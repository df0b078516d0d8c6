"""Questions in four rotations in K-MMBench's columns."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.origins.demo.chat import positions
from components.ingest.origins.demo.pictures import draw, for_benchmarks, sample_scenes
from components.prompts.choice import LETTERS
from components.scenes.scene import Choice, Scene

_COUNTS = {"digits": 22, "board": 22, "single": 10, "sign": 26}
_ROTATION_STEP = 1_000_000


def write(folder: Path, rng: random.Random, share: float) -> None:
    """Four rows a scene."""
    scenes = sample_scenes(rng, _COUNTS, share, lambda scene: for_benchmarks(scene) and _has_choice(scene))
    places = positions(rng)
    rows: list[dict[str, Any]] = []
    for index, (scene, data) in enumerate(zip(scenes, draw(scenes, "PNG"), strict=True)):
        image = {"bytes": data, "path": f"{scene.name}.png"}
        for row in _rotations(scene, rng.choice(scene.choices(rng)), next(places)):
            rows.append({"index": index + row.pop("rotation") * _ROTATION_STEP, **row, "image": image})
    rows.sort(key=lambda row: row["index"])
    pq.write_table(pa.Table.from_pylist(rows), folder / "dev-00000-of-00001.parquet")


def _has_choice(scene: Scene) -> bool:
    return bool(scene.choices(random.Random(0)))


def _rotations(scene: Scene, choice: Choice, place: int) -> Iterator[dict[str, Any]]:
    options = choice.options(place)
    for rotation in range(len(LETTERS)):
        turned = options[rotation:] + options[:rotation]
        yield {
            "rotation": rotation,
            "question": choice.question,
            "hint": "nan",
            **dict(zip(LETTERS, turned, strict=True)),
            "answer": LETTERS[turned.index(choice.right)],
            "category": choice.skill,
            "l2-category": scene.kind,
            "source": "demo",
            "split": "dev",
        }
