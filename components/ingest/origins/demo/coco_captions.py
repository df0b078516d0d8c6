"""Pictures with one or two captions in the layout of AI Hub's Korean captions of MS COCO."""

from __future__ import annotations

import random
from pathlib import Path

from components.ingest.origins.demo.chat import write_json
from components.ingest.origins.demo.pictures import draw, for_benchmarks, sample_scenes, write_zip
from components.korean.particles import with_particle
from components.scenes.digits import Digits
from components.scenes.scene import Scene
from components.scenes.words import Sign

_COUNTS = {"sign": 50, "digits": 35, "board": 35, "single": 10, "bars": 15, "table": 15}


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One row a scene."""
    scenes = sample_scenes(rng, _COUNTS, share, for_benchmarks)
    paths = [f"val2014/{scene.name}.jpg" for scene in scenes]
    rows = [
        {"file_path": path, "id": number, "caption_ko": _captions(scene)}
        for number, (path, scene) in enumerate(zip(paths, scenes, strict=True))
    ]
    write_zip(folder / "val2014.zip", zip(paths, draw(scenes, "JPEG"), strict=True))
    write_json(folder / "MSCOCO_train_val_Korean.json", rows)


def _captions(scene: Scene) -> list[str]:
    """The caption that training words, and for some kinds another that means the same."""
    captions = [scene.caption()]
    if isinstance(scene, Sign):
        quoted = ", ".join(f"'{word.text}'" for word in scene.words)
        captions.append(f"{quoted} 글자가 쓰여 있습니다.")
    elif isinstance(scene, Digits):
        captions.append(f"숫자 {with_particle(', '.join(map(str, scene.values)), '을')} 손으로 썼습니다.")
    return captions
