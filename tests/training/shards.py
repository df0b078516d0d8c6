"""Shards as stage ingest writes them, with a few dozen samples."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import pyarrow as pa

from components.ingest.chunks.columns import SHARD
from components.ingest.selection.split import SplitName
from components.ingest.shards.parquet import write_rows
from components.scenes.instructions import all_instructions
from components.scenes.sampling import sample_scene
from components.training.labels import IMAGE, Markup, Message, encode
from tests.model.tiny import params, tokenizer


def write_shards(
    folder: Path, rng: random.Random, train: int = 60, validation: int = 6, damaged: int | None = None
) -> Path:
    """Boards, digits and single shapes asked about, and text-only instructions among them.

    The picture of training's sample number ``damaged`` breaks off in the middle.
    """
    counts: tuple[tuple[SplitName, int], ...] = (("train", train), ("validation", validation))
    for split, count in counts:
        rows = [_row(rng, split, number) for number in range(count)]
        if split == "train" and damaged is not None:
            image = rows[damaged]["images"][0]
            image["bytes"] = image["bytes"][:100]
        (folder / split).mkdir(parents=True, exist_ok=True)
        write_rows(folder / split / "tiny-00000.parquet", [pa.Table.from_pylist(rows, schema=SHARD)])
    return folder


def _row(rng: random.Random, split: SplitName, number: int) -> dict[str, Any]:
    images: list[dict[str, Any]] = []
    if number % 5 == 4:
        turns = rng.sample(all_instructions(), 2)
    else:
        scene = sample_scene(rng, rng.choice(("board", "digits", "single")), split)
        stream = io.BytesIO()
        scene.draw().resize((96, 96)).save(stream, "PNG")
        images = [{"bytes": stream.getvalue(), "path": f"{scene.name}.png"}]
        turns = scene.turns(rng)[:2]
    talk: list[Message] = []
    for turn in turns:
        mark = f"{IMAGE}\n" if images and not talk else ""
        talk += [{"role": "user", "content": mark + turn.question}, {"role": "assistant", "content": turn.answer}]
    tokens = params().model.tokens
    markup = Markup(tokens.image.text, params().model.image_tokens_per_side ** 2, tokens.turn_end.text, tokens.end.text)
    return {
        "id": f"{split}-{number:03d}",
        "source": "tiny",
        "images": images,
        "conversation": talk,
        "licence": "CC0",
        "split_key": f"{number:016x}",
        "tokens": len(encode(talk, "chat", tokenizer(), markup, 320).ids),
    }
