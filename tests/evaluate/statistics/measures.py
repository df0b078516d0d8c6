"""Measures made of plain lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure

SETTINGS = Settings(confidence=0.95, resamples=1000, seed=7)


def measure(
    above: Sequence[float] | np.ndarray,
    below: Sequence[float] | np.ndarray | None = None,
    cluster: Sequence[str] | None = None,
    category: Sequence[str] | str = "표",
    metric: str = "accuracy",
    **more: Any,
) -> Measure:
    """Units u0000, u0001, ... that are their own clusters unless some are given."""
    names = [f"u{place:04d}" for place in range(len(above))]
    units = pd.DataFrame(
        {
            "unit": names,
            "cluster": names if cluster is None else list(cluster),
            "category": category,
            "above": np.asarray(above, dtype=float),
            "below": np.ones(len(above)) if below is None else np.asarray(below, dtype=float),
        }
    )
    return Measure(metric, units, **more)


def rotations(questions: int, count: int = 4) -> list[str]:
    """Clusters of questions that are each asked in several rotations."""
    return [f"q{question:04d}" for question in range(questions) for _ in range(count)]
