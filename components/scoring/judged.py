"""Answers that a judge has rated. Judgements that failed are left out; with too many of them there is no score.

Items come with ``ratings``, a list with one entry a successful judgement, and ``asked``, how many were wanted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from components.scoring.measure import NotRun, Scored, item_measure
from components.scoring.settings import Settings

RELATIVE, ABSOLUTE, SAME = "relative_score", "judge_absolute_x10", "judge_accuracy"


def score_beside_reference(items: pd.DataFrame, settings: Settings) -> Scored:
    """100 x mean(answers' ratings) / mean(references' ratings), as LLaVA-Bench reports it (arXiv:2304.08485), which can
    exceed 100; beside it the answers' mean alone times 10, which some publish under the same name.

    A judgement is ``[reference's, answer's]``, each from 1 to 10. Repeated ones of an item are averaged first.
    """
    if reason := _no_score(items, settings):
        return _without(items, reason, (RELATIVE, ABSOLUTE))
    means = [_mean(ratings) for ratings in items["ratings"]]
    has = np.array([mean is not None for mean in means])
    reference, answer = np.array([mean for mean in means if mean is not None]).T
    rated, details = items[has], {"coverage": _coverage(items), "judgements": int(sum(map(len, items["ratings"])))}
    measures = [
        item_measure(RELATIVE, rated, answer, reference, factor=100.0, details=details),
        item_measure(ABSOLUTE, rated, answer, factor=10.0, details=details),
    ]
    return Scored([None] * len(items), measures, [None if mean is None else float(mean[1]) for mean in means])


def score_same_meaning(items: pd.DataFrame, settings: Settings) -> Scored:
    """Share of answers that mean what the reference means. A judgement is ``[1]`` or ``[0]``; those of an item are
    averaged."""
    if reason := _no_score(items, settings):
        return _without(items, reason, (SAME,))
    means = [_mean(ratings) for ratings in items["ratings"]]
    has = np.array([mean is not None for mean in means])
    values = [float(mean[0]) for mean in means if mean is not None]
    details = {"coverage": _coverage(items)}
    measure = item_measure(SAME, items[has], values, details=details)
    return Scored([None] * len(items), [measure], [None if mean is None else float(mean[0]) for mean in means])


def _mean(ratings: Sequence[Sequence[float]]) -> np.ndarray | None:
    return np.array([list(rating) for rating in ratings], dtype=float).mean(axis=0) if len(ratings) else None


def _coverage(items: pd.DataFrame) -> float:
    return float(items["ratings"].map(len).sum() / items["asked"].sum())


def _no_score(items: pd.DataFrame, settings: Settings) -> str:
    """Why there is none, or ""."""
    if settings.no_judge:
        return settings.no_judge
    coverage = _coverage(items)
    if coverage < settings.min_coverage:
        return (
            f"only {coverage:.0%} of the judgements succeeded, {settings.min_coverage:.0%} are wanted "
            "(evaluate.judge.min_coverage); run the stage again to ask for the rest"
        )
    return ""


def _without(items: pd.DataFrame, reason: str, metrics: tuple[str, ...]) -> Scored:
    nothing: list[float | None] = [None] * len(items)
    return Scored([None] * len(items), [], nothing, [NotRun(metric, reason) for metric in metrics])
