"""Open questions with one short answer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.evaluate.parsers import normalise_text
from components.evaluate.scores.figures import Figure, Scored, Settings, mean_by_category
from components.evaluate.scores.intervals import wilson


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Share of answers that equal a reference, both normalised."""
    answers = [normalise_text(response) for response in items["response"]]
    right = np.array([
        answer in {normalise_text(text) for text in (reference, *others)}
        for answer, reference, others in zip(answers, items["reference"], items["references"], strict=True)
    ], dtype=float)  # fmt: skip
    low, high = wilson(int(right.sum()), len(right), settings)
    figure = Figure(
        "exact_match",
        float(right.mean()),
        low,
        high,
        len(right),
        details={"categories": mean_by_category(items, right)},
    )
    return Scored([answer or None for answer in answers], right.tolist(), [figure], "exact_match")
