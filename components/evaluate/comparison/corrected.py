"""Correction of a whole set of comparisons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from components.evaluate.comparison.results import Comparison, Refusal
from components.evaluate.statistics.correction import holm


def corrected(results: Sequence[Comparison | Refusal]) -> list[Comparison | Refusal]:
    """The same results with adjusted p values: Holm's, over the main figures of all benchmarks of a pair of models."""
    pairs: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for place, result in enumerate(results):
        if isinstance(result, Comparison) and result.is_main and result.paired.p_value is not None:
            pairs[result.first, result.second][place] = result.paired.p_value
    adjusted: dict[int, float] = {}
    for found in pairs.values():
        adjusted |= zip(found, holm(list(found.values())), strict=True)
    return [_with(result, adjusted.get(place)) for place, result in enumerate(results)]


def _with(result: Comparison | Refusal, p_adjusted: float | None) -> Comparison | Refusal:
    return replace(result, p_adjusted=p_adjusted) if isinstance(result, Comparison) else result
