"""Correction for having looked at several benchmarks."""

from __future__ import annotations

from collections.abc import Sequence

from statsmodels.stats.multitest import multipletests


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values in the given order (Holm, Scandinavian Journal of Statistics 6, 1979): each can be held against
    the significance level as it stands, and the chance of any false difference among them stays below that level."""
    if not p_values:
        return []
    return [float(p) for p in multipletests(p_values, method="holm")[1]]
