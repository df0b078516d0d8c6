"""From timed answers to rates."""

from __future__ import annotations

from typing import Any

import numpy as np

from components.evaluate.scores.figures import Figure, Settings
from components.evaluate.scores.intervals import median_interval


def score(measured: dict[str, Any], settings: Settings) -> list[Figure]:
    """Medians over the answers with a picture; everything else is in the details.

    Characters are counted too, since a token is not the same amount of text for two tokenisers.
    """
    tables = {name: _table(timings) for name, timings in measured["timings"].items()}
    details = {
        **{key: measured[key] for key in ("device", "dtype", "batch", "new_tokens")},
        **{name: {key: _percentiles(values) for key, values in table.items()} for name, table in tables.items()},
    }
    return [
        _median("tokens_per_second", tables["with_image"], settings, details),
        _median("characters_per_second", tables["with_image"], settings, details),
        _median("first_token_ms", tables["with_image"], settings, details, higher_is_better=False),
        _median("end_to_end_ms", tables["with_image"], settings, details, higher_is_better=False),
    ]


def _table(timings: list[dict[str, float]]) -> dict[str, np.ndarray]:
    """Quantities of each answer. Rates are of decoding alone: the first token is prefill's."""
    names = ("first", "decode", "total", "tokens", "characters")
    first, decode, total, tokens, characters = (np.array([timing[name] for timing in timings]) for name in names)
    rate = (tokens - 1) / decode
    return {
        "tokens_per_second": rate,
        "characters_per_second": rate * characters / tokens,
        "first_token_ms": first * 1000,
        "ms_per_token": 1000 / rate,
        "end_to_end_ms": total * 1000,
    }


def _percentiles(values: np.ndarray) -> dict[str, float]:
    return {f"p{share}": float(np.percentile(values, share)) for share in (5, 50, 95)}


def _median(
    metric: str, table: dict[str, np.ndarray], settings: Settings, details: dict[str, Any], **more: Any
) -> Figure:
    values = table[metric].tolist()
    low, high = median_interval(values, settings)
    return Figure(metric, float(np.median(values)), low, high, len(values), details=details, **more)
