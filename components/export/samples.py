"""Samples that training never saw: some to calibrate with, others to measure on."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from PIL import Image
from transformers import PreTrainedTokenizerBase

from components.training.labels import IGNORED, Markup, TooLong, encode

_SPLITS = ("validation", "test")


@dataclass(frozen=True)
class Sample:
    """A conversation with at most one picture."""

    name: str
    """``source/id``."""
    ids: list[int]
    """The whole conversation's, image tokens among them."""
    answered: list[bool]
    """For each id, whether it is part of an answer."""
    picture: Image.Image | None


def calibration_samples(shards: Path, count: int, tokenizer: PreTrainedTokenizerBase, markup: Markup) -> list[Sample]:
    """Samples to calibrate quantisation with, spread evenly over the sources.

    Args:
        shards: those of stage 2.
        count: at most so many.
    """
    return _encoded(_spread(_rows(shards, to_measure=False), count), tokenizer, markup)


def held_out_samples(shards: Path, count: int, tokenizer: PreTrainedTokenizerBase, markup: Markup) -> list[Sample]:
    """Samples to measure on: their pictures are in none of those that calibrate."""
    return _encoded(_spread(_rows(shards, to_measure=True), count), tokenizer, markup)


def _rows(shards: Path, to_measure: bool) -> list[dict[str, Any]]:
    """Half of the pictures (and of the texts without) is for calibration, the other half is measured on."""
    rows = [row for split in _SPLITS for row in _read(shards / split)]
    chosen = [row for row in rows if len(row["images"] or []) <= 1 and _is_measured(row) == to_measure]
    return sorted(chosen, key=_digest)


def _read(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.parquet")):
        yield from pq.read_table(path, columns=["id", "source", "images", "conversation", "split_key"]).to_pylist()


def _is_measured(row: dict[str, Any]) -> bool:
    return hashlib.sha256(str(row["split_key"]).encode()).digest()[0] % 2 == 1


def _digest(row: dict[str, Any]) -> bytes:
    return hashlib.sha256(f"{row['source']}/{row['id']}".encode()).digest()


def _spread(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """One of each source in turn, so that a small source is heard, too."""
    sources: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        sources.setdefault(row["source"], []).append(row)
    longest = max(map(len, sources.values()), default=0)
    in_turn = [group[place] for place in range(longest) for group in sources.values() if place < len(group)]
    return in_turn[:count]


def _encoded(rows: list[dict[str, Any]], tokenizer: PreTrainedTokenizerBase, markup: Markup) -> list[Sample]:
    samples = []
    for row in rows:
        try:
            encoded = encode(row["conversation"], "chat", tokenizer, markup, tokenizer.model_max_length)
        except TooLong:
            continue  # nothing is answered in it
        picture = _open(row["images"][0]["bytes"]) if row["images"] else None
        answered = [label != IGNORED for label in encoded.labels]
        samples.append(Sample(f"{row['source']}/{row['id']}", encoded.ids, answered, picture))
    return samples


def _open(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB")
