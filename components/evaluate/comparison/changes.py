"""Units on which two models part."""

from __future__ import annotations

import numpy as np

from components.evaluate.statistics.paired import gains, join
from components.scoring.measure import Measure

LARGEST = 20
"""Units that are named each way where a figure is not right or wrong."""


def changed_units(first: Measure, second: Measure) -> tuple[list[str], list[str]]:
    """Units that the first model does better, and those that it does worse.

    All of them, in the units' order, where units are right or wrong; else the LARGEST changes each way, largest first.
    """
    joined = join(first, second)
    gained = gains(joined, first.higher_is_better)
    limit = None if first.is_binary and second.is_binary else LARGEST
    names = joined["unit"].to_numpy()
    return _largest(names, gained, limit), _largest(names, -gained, limit)


def _largest(names: np.ndarray, gained: np.ndarray, limit: int | None) -> list[str]:
    order = np.lexsort((names.astype(str), -gained))
    return [str(names[place]) for place in order if gained[place] > 0][:limit]
