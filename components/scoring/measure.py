"""What a scorer gives: figures that are a sum over a sum, so that all of them are treated in one way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ["unit", "cluster", "category", "above", "below"]


@dataclass(frozen=True)
class Measure:
    """A figure ``factor * sum(above) / sum(below)`` over units: a mean, a share, an error rate or a ratio of means.

    Its interval, its value on some units only, and its difference between two models follow from the units alone.
    """

    metric: str
    units: pd.DataFrame
    """Columns ``unit`` (an item's id, or what stands for several items), ``cluster`` (units that are drawn together:
    the rotations of one question; else the unit itself), ``category``, ``above`` and ``below``."""
    higher_is_better: bool = True
    factor: float = 1.0
    details: dict[str, Any] = field(default_factory=dict)
    """What else a reader has to know: chance level, tokeniser, histogram of letters."""

    @property
    def value(self) -> float | None:
        """None where there is no unit, or nothing to divide by."""
        return ratio(self.units, self.factor)

    @property
    def n(self) -> int:
        """Units."""
        return len(self.units)

    @property
    def is_binary(self) -> bool:
        """Whether every unit is right or wrong."""
        return bool(self.units["above"].isin((0.0, 1.0)).all() and (self.units["below"] == 1.0).all())

    @property
    def is_clustered(self) -> bool:
        """Whether some units depend on each other."""
        return bool(self.units["cluster"].duplicated().any())


@dataclass(frozen=True)
class NotRun:
    """A figure that could have been computed, and why it was not."""

    metric: str
    reason: str
    higher_is_better: bool = True


@dataclass(frozen=True)
class Scored:
    """A benchmark's answers, read and rated."""

    parsed: list[str | None]
    """What was read from each answer."""
    measures: list[Measure]
    """The first is the benchmark's main one."""
    item_scores: list[float | None]
    """Each item's own score, for people who look at single answers; None where there is none."""
    not_run: list[NotRun] = field(default_factory=list)


def item_measure(
    metric: str,
    items: pd.DataFrame,
    above: Sequence[float] | np.ndarray,
    below: Sequence[float] | np.ndarray | None = None,
    **more: Any,
) -> Measure:
    """A measure whose units are items; ``below`` is 1 each, which makes it a mean.

    Args:
        metric: its name.
        items: with columns item_id, group ("" where an item stands for itself) and category.
        above: (items,) values.
        below: (items,) values.
        **more: further fields of Measure.
    """
    identity = items["item_id"].to_numpy()
    group = items["group"].to_numpy()
    units = pd.DataFrame(
        {
            "unit": identity,
            "cluster": np.where(group == "", identity, group),
            "category": items["category"].to_numpy(),
            "above": np.asarray(above, dtype=float),
            "below": np.ones(len(items)) if below is None else np.asarray(below, dtype=float),
        }
    )
    return Measure(metric, units, **more)


def ratio(units: pd.DataFrame, factor: float = 1.0) -> float | None:
    """The figure over some units; None where there is nothing to divide by."""
    total = float(units["below"].sum())
    return factor * float(units["above"].sum()) / total if total else None
