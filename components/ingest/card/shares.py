"""The realised mixture: what each source gives to an epoch of its stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def describe_mixture(sources: Sequence[dict[str, Any]], stages: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """By stage an entry a source: its samples and tokens in an epoch, their shares, and how often each sample is shown.

    Args:
        sources: the card's entries, with their ``mixture``.
    """
    return {stage: _shares([source for source in sources if source["stage"] == stage]) for stage in stages}


def _shares(sources: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    parts = [source["mixture"] for source in sources]
    samples, tokens = (sum(part[key] for part in parts) for key in ("epoch", "tokens"))
    return [
        {
            "source": source["name"],
            **part,
            "sample_share": _ratio(part["epoch"], samples),
            "token_share": _ratio(part["tokens"], tokens),
            "times_shown": _ratio(part["epoch"], part["samples"]),
        }
        for source, part in zip(sources, parts, strict=True)
    ]


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
