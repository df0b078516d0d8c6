"""Shards of samples of given lengths, as stage ingest writes them. What they say means nothing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image

from benchmarks.training.mix import LABELLED, Lengths
from components.ingest.chunks.columns import SHARD
from components.ingest.shards.parquet import write_rows
from components.model.processing import KoreanVlmProcessor
from components.training.labels import IMAGE, Markup, Message, encode

_WORD = " 이"
_PICTURES = 16
_HELD_OUT = 4
_WIDTH, _HEIGHT = 448, 336
"""Pixels: a photo of 4:3 as ingest stores it, its shorter side as long as the image encoder's."""
_BLOCK = 8
"""Pixels between random colours, blurred, so that a picture takes about as long to decode as a photo."""
_QUALITY = 90
_MANY = 100
_ENDS = 3
"""Tokens of an answer beside its words: its end of turn, its end, and what its first word takes more."""
_NO_LIMIT = 10**9


def write_shards(folder: Path, lengths: Lengths, processor: KoreanVlmProcessor, markup: Markup, seed: int) -> None:
    """Samples for training, and the first few of them again for validation.

    A sample is a question with at most one image and an answer, which carries loss.

    Args:
        folder: receives train/ and validation/, a shard each.
        lengths: of the samples.
        processor: whose tokenizer counts tokens.
        markup: what is written around turns.
        seed: of the pictures.
    """
    pictures = _pictures(np.random.default_rng(seed))
    rows = [_row(number, *length, pictures, processor, markup) for number, length in enumerate(lengths)]
    for split, held in (("train", rows), ("validation", rows[:_HELD_OUT])):
        (folder / split).mkdir(parents=True, exist_ok=True)
        write_rows(folder / split / "mix-00000.parquet", [pa.Table.from_pylist(held, schema=SHARD)])


def _row(
    number: int, text: int, images: int, pictures: Sequence[bytes], processor: KoreanVlmProcessor, markup: Markup
) -> dict[str, Any]:
    conversation = _conversation(text, images, processor.tokenizer, markup)
    picture = {"bytes": pictures[number % _PICTURES], "path": f"{number % _PICTURES}.jpg"}
    return {
        "id": f"{number:06d}",
        "source": "mix",
        "images": [picture] * images,
        "conversation": conversation,
        "licence": "CC0",
        "split_key": f"{number:016x}",
        "tokens": _count(conversation, processor.tokenizer, markup),
    }


def _conversation(text: int, images: int, tokenizer: Any, markup: Markup) -> list[Message]:
    """A question and an answer of ``text`` tokens, image tokens not counted, as exactly as whole words allow."""
    # A first word may take more tokens than those that follow, so both turns begin with one.
    first = _count(_talk(0, 1, 1), tokenizer, markup)
    word = (_count(_talk(0, 1, _MANY + 1), tokenizer, markup) - first) / _MANY
    rest = max(0, round((text - first) / word))
    said = min(rest, max(0, round((text * LABELLED - _ENDS) / word)))
    return _talk(images, 1 + rest - said, 1 + said)


def _talk(images: int, asked: int, said: int) -> list[Message]:
    return [
        {"role": "user", "content": f"{IMAGE}\n" * images + _WORD * asked},
        {"role": "assistant", "content": _WORD * said},
    ]


def _count(conversation: list[Message], tokenizer: Any, markup: Markup) -> int:
    return len(encode(conversation, "chat", tokenizer, markup, _NO_LIMIT).ids)


def _pictures(rng: np.random.Generator) -> list[bytes]:
    pictures = []
    for _ in range(_PICTURES):
        blocks = rng.integers(0, 256, (_HEIGHT // _BLOCK, _WIDTH // _BLOCK, 3), dtype=np.uint8)
        stream = io.BytesIO()
        Image.fromarray(blocks).resize((_WIDTH, _HEIGHT)).save(stream, "JPEG", quality=_QUALITY)
        pictures.append(stream.getvalue())
    return pictures
