"""What a scorer takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Settings:
    """How intervals are computed."""

    confidence: float
    resamples: int
    seed: int


@dataclass(frozen=True)
class Figure:
    """One number about one subject on one benchmark."""

    metric: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    higher_is_better: bool = True
    not_run: str = ""
    """Why there is no value."""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scored:
    """A benchmark's answers, read and rated, and the figures over them."""

    parsed: list[str | None]
    """What was read from each answer."""
    item_scores: list[float]
    """Each item's own score; 1 or 0 where it is right or wrong."""
    figures: list[Figure]
    mean_metric: str | None
    """The figure that is the mean of the items' scores, so that two subjects can be compared item by item."""


def categories(items: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    """Each category's name with the mask of its rows."""
    return [(name, items["category"] == name) for name in sorted(items["category"].unique())]


def mean_by_category(items: pd.DataFrame, values: np.ndarray) -> dict[str, dict[str, float | int]]:
    """Each category's mean and size."""
    return {
        name: {"value": float(values[mask.to_numpy()].mean()), "n": int(mask.sum())} for name, mask in categories(items)
    }
