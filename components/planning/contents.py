"""What shards hold, told by their lengths and numbers of images alone: no picture and no text is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from components.training.mixture import read_mixture
from components.training.samples import NoShards

_COLUMNS = ["source", "tokens", "images.list.element.path"]
"""Of the images only the paths, which lie apart from their bytes."""


@dataclass(frozen=True)
class Contents:
    """Tokens (image tokens included) and number of images of each sample of an epoch."""

    tokens: np.ndarray
    images: np.ndarray

    def padding(self, micro_batch: int, seed: int) -> float:
        """Share of all positions that would be padding if ``micro_batch`` samples, drawn at random, were filled up to
        the longest of them."""
        shuffled = np.random.default_rng(seed).permutation(self.tokens)
        together = shuffled[: len(shuffled) // micro_batch * micro_batch].reshape(-1, micro_batch)
        return 1 - float(together.sum()) / float(together.max(axis=1).sum() * micro_batch)


def read_contents(shards: Path, seed: int) -> Contents:
    """Of the samples of the first epoch of a stage's training; shards are read a few thousand rows at a time.

    Raises:
        NoShards: if there are none, naming the stage that writes them.
    """
    folder = shards / "train"
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise NoShards(f"no shards in {folder}: run `dvc repro ingest` first")
    tokens, images, sources = [], [], []
    for path in files:
        with pq.ParquetFile(path) as file:
            for rows in file.iter_batches(columns=_COLUMNS):
                tokens.append(rows["tokens"].to_numpy())
                images.append(pc.fill_null(pc.list_value_length(rows["images"]), 0).to_numpy())
                sources.append(rows["source"])
    shown = read_mixture(shards, pa.chunked_array(sources, pa.string()), seed).epoch(0)
    return Contents(np.concatenate(tokens)[shown], np.concatenate(images)[shown])
