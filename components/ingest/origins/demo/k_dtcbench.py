"""Documents, tables and charts in K-DTCBench's columns."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.origins.demo.chat import positions
from components.ingest.origins.demo.pictures import draw, for_benchmarks, sample_scenes
from components.prompts.choice import LETTERS

_COUNTS = {"sign": 80, "table": 80, "bars": 80}
_CATEGORIES = {"sign": "document", "table": "table", "bars": "chart"}


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One row a scene; right letters equally often in each category."""
    scenes = sample_scenes(rng, _COUNTS, share, for_benchmarks)
    places = {kind: positions(rng) for kind in _COUNTS}
    rows: list[dict[str, Any]] = []
    for scene, data in zip(scenes, draw(scenes, "PNG"), strict=True):
        choice, place = rng.choice(scene.choices(rng)), next(places[scene.kind])
        options = dict(zip(("choice_a", "choice_b", "choice_c", "choice_d"), choice.options(place), strict=True))
        category = _CATEGORIES[scene.kind]
        rows.append(
            {
                "index": f"{category}_{len(rows)}",
                "question": choice.question,
                **options,
                "answer": LETTERS[place],
                "category": category,
                "image": {"bytes": data, "path": f"{scene.name}.png"},
            }
        )
    pq.write_table(pa.Table.from_pylist(rows), folder / "test-00000-of-00001.parquet")
