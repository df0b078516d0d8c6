"""Pictures with captions in the layout of LLaVA-CC3M-Pretrain-595K: ``chat.json`` and ``images.zip``."""

from __future__ import annotations

import random
from pathlib import Path

from components.ingest.origins.demo.chat import conversation, write_json
from components.ingest.origins.demo.pictures import draw, for_training, sample_scenes, write_zip
from components.prompts import caption

_COUNTS = {
    "sign": 1000,
    "syllables": 300,
    "digits": 450,
    "board": 500,
    "single": 100,
    "bars": 130,
    "table": 120,
}


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One row a scene."""
    scenes = sample_scenes(rng, _COUNTS, share, for_training)
    paths = [f"{scene.bucket}/{scene.name}.png" for scene in scenes]
    rows = [
        {
            "id": scene.name,
            "image": path,
            "conversations": conversation(rng, [(caption.QUESTION, scene.caption())], image=True),
        }
        for scene, path in zip(scenes, paths, strict=True)
    ]
    write_zip(folder / "images.zip", zip(paths, draw(scenes, "PNG"), strict=True))
    write_json(folder / "chat.json", rows)
