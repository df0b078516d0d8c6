"""How long, how large and in which language samples are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

KOREAN, MIXED = 0.5, 0.1
"""Share of Hangul among a sample's letters from which it counts as Korean, or as mixed; digits and signs count not."""
_SHARES = (5, 50, 95)
_BINS = 20


def quantiles(values: np.ndarray) -> dict[str, int] | None:
    """p5, p50, p95 and max, each a value that occurs; None without values."""
    if not len(values):
        return None
    found = np.percentile(values, _SHARES, method="lower")
    return {f"p{share}": int(value) for share, value in zip(_SHARES, found, strict=True)} | {"max": int(values.max())}


def token_lengths(tokens: np.ndarray) -> dict[str, Any] | None:
    """Quantiles and a histogram; its bins are as wide as each other, begin at 0 and hold their lower edges."""
    found = quantiles(tokens)
    if found is None:
        return None
    width = -(-(found["max"] + 1) // _BINS)
    edges = np.arange(0, _BINS + 1) * width
    counts = np.bincount(tokens // width, minlength=_BINS)
    return {**found, "histogram": {"edges": edges.tolist(), "counts": counts.tolist()}}


def image_sides(images: pa.ChunkedArray) -> dict[str, dict[str, int] | None]:
    """Quantiles of width and height (pixels, as stored) of all samples' images.

    Args:
        images: (samples,) lists of notes on images.
    """
    flat = pc.list_flatten(images)
    return {side: quantiles(pc.struct_field(flat, side).to_numpy()) for side in ("width", "height")}


def languages(hangul: np.ndarray) -> dict[str, int]:
    """Number of samples by their share of Hangul: korean, mixed, other."""
    korean, some = int((hangul >= KOREAN).sum()), int((hangul >= MIXED).sum())
    return {"korean": korean, "mixed": some - korean, "other": len(hangul) - some}
