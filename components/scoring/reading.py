"""Reading a text: character error rate, spaces counted."""

from __future__ import annotations

import jiwer
import numpy as np
import pandas as pd

from components.scoring.measure import Measure, Scored, item_measure
from components.scoring.parsers.text import normalise_text
from components.scoring.settings import Settings
from components.stages.errors import Unusable


def score_reading(items: pd.DataFrame, settings: Settings) -> Scored:
    """Errors over characters of the whole set; apart for words that training has and has not shown."""
    answers = [normalise_text(response) for response in items["response"]]
    references = [normalise_text(reference) for reference in items["reference"]]
    errors = np.array([_errors(r, a) for r, a in zip(references, answers, strict=True)], dtype=float)
    lengths = np.array([len(reference) for reference in references], dtype=float)
    seen = items["seen"].to_numpy(dtype=bool)
    parts = {"cer": np.ones(len(items), dtype=bool), "cer_seen": seen, "cer_unseen": ~seen}
    rates = [_rate(name, items, errors, lengths, part) for name, part in parts.items() if part.any()]
    exact = item_measure("exact_match", items, errors == 0)
    return Scored([answer or None for answer in answers], [*rates, exact], (errors / lengths).tolist())


def _errors(reference: str, answer: str) -> int:
    if not reference:
        raise Unusable("a reference is empty: error rates need one; fix the benchmark")
    counts = jiwer.process_characters(reference, answer)
    return counts.substitutions + counts.deletions + counts.insertions


def _rate(name: str, items: pd.DataFrame, errors: np.ndarray, lengths: np.ndarray, part: np.ndarray) -> Measure:
    return item_measure(name, items[part], errors[part], lengths[part], higher_is_better=False)
