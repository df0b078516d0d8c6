"""Reading shards: samples by their number, pictures decoded when they are needed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from PIL import Image

from components.model.processing import KoreanVlmProcessor
from components.params.schema import Training
from components.stages.errors import Missing, UserError
from components.training.labels import IGNORED, Encoded, Format, Markup, TooLong, encode

Batch = dict[str, Any]


class NoShards(Missing):
    """A split has no shards."""


class BadSample(UserError):
    """A sample cannot be learnt from. Says which."""


@dataclass(frozen=True)
class MicroBatch:
    """What a worker computes at once."""

    indices: list[int]
    tensors: Batch
    """What the model takes."""
    lengths: list[int]
    """Tokens of each sample, padding not counted."""
    images: int
    labelled: int
    """Tokens that carry loss."""

    @property
    def tokens(self) -> int:
        """Tokens that say something."""
        return sum(self.lengths)

    def pin_memory(self) -> MicroBatch:
        """The same in memory from which a GPU copies faster; what a DataLoader asks for."""
        pinned = {name: v.pin_memory() if isinstance(v, torch.Tensor) else v for name, v in self.tensors.items()}
        return replace(self, tensors=pinned)

    @property
    def positions(self) -> int:
        """Tokens that are computed, padding among them."""
        return int(self.tensors["input_ids"].numel())


class Samples:
    """All samples of one split, memory-mapped; ``batch`` turns some of them into tensors."""

    def __init__(
        self,
        shards: Path,
        split: str,
        layout: Format,
        processor: KoreanVlmProcessor,
        markup: Markup,
        params: Training,
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
        self.sources: pa.ChunkedArray = self._rows.data["source"]
        self._layout, self._processor, self._markup = layout, processor, markup
        self._max_length, self._is_packed = params.max_length, params.pack_length is not None
        self.lengths: list[int] = [min(tokens, params.max_length) for tokens in self._rows["tokens"]]
        counts = pc.fill_null(pc.list_value_length(self._rows.data["images"]), 0)
        self._pictures_before = np.concatenate(([0], np.cumsum(counts.to_numpy())))
        self._has_loaders = params.loader_processes > 0
        self._features: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def names(self, indices: Sequence[int]) -> list[str]:
        """``source/id`` of samples, for messages."""
        return [f"{row['source']}/{row['id']}" for row in (self._rows[index] for index in indices)]

    @property
    def pictures(self) -> int:
        """Of all samples together."""
        return int(self._pictures_before[-1])

    def pixels(self, indices: Sequence[int]) -> torch.Tensor | None:
        """Pictures of some samples as the image encoder reads them, (images, 3, height, width); None: they have none.

        Raises:
            BadSample: naming the sample whose picture cannot be decoded.
        """
        rows = (self._rows[index] for index in indices)
        pictures = [_decode(row, image["bytes"]) for row in rows for image in row["images"] or []]
        if not pictures:
            return None
        return torch.from_numpy(
            np.asarray(self._processor.image_processor(pictures, return_tensors="np")["pixel_values"])
        )

    def use_features(self, features: torch.Tensor) -> None:
        """Let batches hold what the image encoder made of their pictures instead of pixels.

        Args:
            features: (pictures of all samples in their order, patches, width).
        """
        # Loader processes read the same memory. Where there are none it is not asked for: containers have little of it.
        self._features = features.share_memory_() if self._has_loaders else features

    def batch(self, indices: Sequence[int]) -> MicroBatch:
        """Samples as one micro-batch: laid end to end, or padded on the right.

        Tensors: input_ids and labels, (1, tokens) or (samples, longest); pixel_values (images, 3, height, width), or
        (images, patches, width) where features are used.

        Raises:
            BadSample: naming the sample that cannot be encoded, or whose picture cannot be decoded.
        """
        rows = [self._rows[index] for index in indices]
        encoded = [self._encode(row) for row in rows]
        tensors = lay_end_to_end(encoded) if self._is_packed else pad(encoded, self._processor.tokenizer.pad_token_id)
        pixels = self.pixels(indices) if self._features is None else self._kept_features(indices)
        if pixels is not None:
            tensors["pixel_values"] = pixels
        return MicroBatch(
            indices=list(indices),
            tensors=tensors,
            lengths=[len(sample.ids) for sample in encoded],
            images=0 if pixels is None else len(pixels),
            labelled=int((tensors["labels"][:, 1:] != IGNORED).sum()),
        )

    def _kept_features(self, indices: Sequence[int]) -> torch.Tensor | None:
        assert self._features is not None
        before = self._pictures_before
        numbers = [number for index in indices for number in range(before[index], before[index + 1])]
        return self._features[numbers] if numbers else None

    def _encode(self, row: dict[str, Any]) -> Encoded:
        try:
            return encode(row["conversation"], self._layout, self._processor.tokenizer, self._markup, self._max_length)
        except TooLong as error:
            raise BadSample(f"{row['source']}/{row['id']}: {error}") from error


def pad(encoded: Sequence[Encoded], pad_id: int) -> Batch:
    """Ids and labels (n, longest). Padding stands on the right, where causal attention never sees it."""
    longest = max(len(sample.ids) for sample in encoded)
    ids = torch.full((len(encoded), longest), pad_id)
    labels = torch.full((len(encoded), longest), IGNORED)
    for row, sample in enumerate(encoded):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        labels[row, : len(sample.labels)] = torch.tensor(sample.labels)
    return {"input_ids": ids, "labels": labels}


def lay_end_to_end(encoded: Sequence[Encoded]) -> Batch:
    """Ids and labels (1, all tokens), with positions that begin anew, and where each sample begins.

    A sample's first token carries no loss: the token before it is another sample's.
    """
    lengths = [len(sample.ids) for sample in encoded]
    bounds = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32)
    return {
        "input_ids": torch.tensor([[token for sample in encoded for token in sample.ids]]),
        "labels": torch.tensor([[token for sample in encoded for token in (IGNORED, *sample.labels[1:])]]),
        "position_ids": torch.cat([torch.arange(length) for length in lengths])[None],
        "cu_seq_lens_q": bounds,
        "cu_seq_lens_k": bounds,
        "max_length_q": max(lengths),
        "max_length_k": max(lengths),
    }


def _decode(row: dict[str, Any], content: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.convert("RGB")
    except OSError as error:
        raise BadSample(f"{row['source']}/{row['id']}: its picture cannot be decoded: {error}") from error
