"""Open questions on pictures with a reference answer for a judge, in K-LLaVA-W's columns."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.origins.demo.pictures import draw, for_benchmarks, sample_scenes
from components.prompts import caption

_COUNTS = {"sign": 8, "digits": 6, "board": 6, "bars": 4}


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One row a scene: the whole picture is asked for (detail), or one thing of it (conv)."""
    scenes = sample_scenes(rng, _COUNTS, share, for_benchmarks)
    rows: list[dict[str, Any]] = []
    for number, (scene, data) in enumerate(zip(scenes, draw(scenes, "PNG"), strict=True)):
        turn = rng.choice(scene.turns(rng))
        question, answer = (caption.QUESTION, scene.caption()) if number % 2 else (turn.question, turn.answer)
        rows.append(
            {
                "question_id": number,
                "question": question,
                "caption": [scene.caption()],
                "gpt_answer": answer,
                "category": "detail" if number % 2 else "conv",
                "image": {"bytes": data, "path": f"{scene.name}.png"},
            }
        )
    pq.write_table(pa.Table.from_pylist(rows), folder / "test-00000-of-00001.parquet")
