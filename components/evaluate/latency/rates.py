"""From timed answers to rates."""

from __future__ import annotations

from typing import Any

import numpy as np

from components.evaluate.latency.timing import Cell, Timing

HIGHER_IS_BETTER = {
    "tokens_per_second": True,
    "characters_per_second": True,
    "first_token_ms": False,
    "ms_per_token": False,
    "end_to_end_ms": False,
}
"""A token is not the same amount of text for two tokenisers, so characters are counted, too."""


WITHOUT_IMAGE, BATCHED = "_without_image", "_batched"
VARIANTS = (WITHOUT_IMAGE, BATCHED)
"""Endings of the figures of other cells than the first: with a picture, one question at a time."""


def read_cells(measured: dict[str, Any]) -> list[Cell]:
    """The cells of a model's speed.json."""
    return [
        Cell(cell["is_pictured"], cell["batch"], [Timing(**timing) for timing in cell["timings"]])
        for cell in measured["cells"]
    ]


def rates(cell: Cell) -> dict[str, np.ndarray]:
    """Quantities of each timed answer or batch. Rates are of decoding alone, over all answers of a batch: the first
    token is prefill's."""
    names = ("first", "decode", "total", "tokens", "characters", "answers")
    first, decode, total, tokens, characters, answers = (
        np.array([getattr(timing, name) for timing in cell.timings], dtype=float) for name in names
    )
    steps = (tokens - 1) / decode
    return {
        "tokens_per_second": steps * answers,
        "characters_per_second": steps * characters / tokens,
        "first_token_ms": first * 1000,
        "ms_per_token": 1000 / steps,
        "end_to_end_ms": total * 1000,
    }


def percentiles(values: np.ndarray) -> dict[str, float]:
    """Median, and what one in twenty is beyond."""
    return {f"p{share}": float(np.percentile(values, share)) for share in (5, 50, 95)}


def cell_name(cell: Cell) -> str:
    """How details call a cell."""
    return f"{'with' if cell.is_pictured else 'without'}_image_batch_{cell.batch}"


def suffix(cell: Cell) -> str:
    """What a figure's name ends in."""
    return ("" if cell.is_pictured else WITHOUT_IMAGE) + ("" if cell.batch == 1 else BATCHED)
