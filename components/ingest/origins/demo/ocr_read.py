"""Signs to be read: with words that training shows, and with words that it never shows."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

from components.ingest.origins.demo.chat import write_lines
from components.ingest.origins.demo.pictures import draw, for_benchmarks, sample_some, scaled, write_files
from components.scenes.scene import Scene
from components.scenes.vocabulary import SEEN_WORDS, UNSEEN_WORDS
from components.scenes.words import Sign

_SEEN, _UNSEEN = 140, 100


def write(folder: Path, rng: random.Random, share: float) -> None:
    """One item a sign."""
    scenes: list[Scene] = []
    for vocabulary, count in ((SEEN_WORDS, _SEEN), (UNSEEN_WORDS, _UNSEEN)):
        scenes += sample_some(partial(Sign.sample, rng, vocabulary), scaled(count, share), for_benchmarks)
    rng.shuffle(scenes)
    rows = []
    for scene in scenes:
        assert isinstance(scene, Sign)
        seen = all(word.text in SEEN_WORDS for word in scene.words)
        rows.append({"id": scene.name, "image": f"images/{scene.name}.png", "text": scene.text, "seen": seen})
    write_files(folder, zip((row["image"] for row in rows), draw(scenes, "PNG"), strict=True))  # type: ignore[misc]
    write_lines(folder, rows)
