"""How much stage 2 adds to stage 1, item by item."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.evaluate.scores.figures import Settings
from components.evaluate.scores.intervals import grouped_mean_interval


def paired_difference(
    second: pd.DataFrame, first: pd.DataFrame, groups: pd.Series, settings: Settings
) -> dict[str, float | int | None]:
    """Mean of second - first over items that both answered, with a paired bootstrap interval.

    Args:
        second: predictions with item_id and score.
        first: those of the other subject.
        groups: by item_id; items of one group are drawn together. An item with "" stands for itself.
        settings: of the interval.
    """
    joined = second.merge(first, on="item_id", suffixes=("", "_first"))
    change = (joined["score"] - joined["score_first"]).to_numpy(dtype=float)
    names = [groups[item] or item for item in joined["item_id"]]
    low, high = grouped_mean_interval(change.tolist(), names, settings)
    return {"value": float(np.mean(change)), "low": low, "high": high, "n": len(change)}
