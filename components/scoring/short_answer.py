"""Open questions with one short answer."""

from __future__ import annotations

import pandas as pd

from components.scoring.measure import Scored, item_measure
from components.scoring.parsers.text import normalise_text
from components.scoring.settings import Settings


def score_short_answers(items: pd.DataFrame, settings: Settings) -> Scored:
    """Share of answers that equal a reference, both normalised."""
    answers = [normalise_text(response) for response in items["response"]]
    wanted = zip(answers, items["reference"], items["references"], strict=True)
    right = [float(answer in {normalise_text(text) for text in (one, *others)}) for answer, one, others in wanted]
    return Scored([answer or None for answer in answers], [item_measure("exact_match", items, right)], list(right))
