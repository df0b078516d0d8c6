"""Reading shards: samples by their number, pictures decoded when they are needed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import datasets
import numpy as np
import torch
from PIL import Image

from components.model.processing import KoreanVlmProcessor
from components.training.labels import Encoded, Format, Markup, encode

Batch = dict[str, torch.Tensor]


class NoShards(FileNotFoundError):
    """A split has no shards."""


class Samples:
    """All samples of one split, memory-mapped; ``batch`` turns some of them into tensors."""

    def __init__(
        self, shards: Path, split: str, layout: Format, processor: KoreanVlmProcessor, markup: Markup, max_length: int
    ) -> None:
        files = sorted(str(path) for path in (shards / split).glob("*.parquet"))
        if not files:
            raise NoShards(
                f"no shards in {shards / split}: run `dvc repro ingest`, and see its card for what was refused"
            )
        datasets.disable_progress_bars()
        self._rows = datasets.load_dataset(
            "parquet", data_files=files, split="train", cache_dir=str(Path("scratch/datasets").absolute())
        )
        self._layout, self._processor, self._markup, self._max_length = layout, processor, markup, max_length
        self.lengths: list[int] = list(self._rows["tokens"])

    def __len__(self) -> int:
        return len(self._rows)

    def names(self, indices: Sequence[int]) -> list[str]:
        """``source/id`` of samples, for messages."""
        return [f"{row['source']}/{row['id']}" for row in (self._rows[index] for index in indices)]

    def batch(self, indices: Sequence[int]) -> Batch:
        """input_ids and labels (n, length), padded on the right; pixel_values (images, 3, height, width)."""
        rows = [self._rows[index] for index in indices]
        encoded = [
            encode(row["conversation"], self._layout, self._processor.tokenizer, self._markup, self._max_length)
            for row in rows
        ]
        ids, labels = pad(encoded, self._processor.tokenizer.pad_token_id)
        batch = {"input_ids": ids, "labels": labels}
        pictures = [_decode(image["bytes"]) for row in rows for image in row["images"] or []]
        if pictures:
            pixels = self._processor.image_processor(pictures, return_tensors="np")["pixel_values"]
            batch["pixel_values"] = torch.from_numpy(np.asarray(pixels))
        return batch


def pad(encoded: Sequence[Encoded], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and labels (n, longest). Padding stands on the right, where causal attention never sees it."""
    longest = max(len(sample.ids) for sample in encoded)
    ids = torch.full((len(encoded), longest), pad_id)
    labels = torch.full((len(encoded), longest), -100)
    for row, sample in enumerate(encoded):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        labels[row, : len(sample.labels)] = torch.tensor(sample.labels)
    return ids, labels


def _decode(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB")
