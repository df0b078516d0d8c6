"""Reading a text: character error rate, spaces counted."""

from __future__ import annotations

import jiwer
import numpy as np
import pandas as pd

from components.evaluate.parsers import normalise_text
from components.evaluate.scores.figures import Figure, Scored, Settings
from components.evaluate.scores.intervals import ratio_interval, wilson


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Errors over characters of the whole set; apart for words that training has and has not shown."""
    answers = [normalise_text(response) for response in items["response"]]
    references = [normalise_text(reference) for reference in items["reference"]]
    errors = np.array([_errors(r, a) for r, a in zip(references, answers, strict=True)], dtype=float)
    lengths = np.array([len(reference) for reference in references], dtype=float)
    seen = items["seen"].to_numpy(dtype=bool)
    figures = [
        _rate("cer", errors, lengths, settings),
        _rate("cer_seen", errors[seen], lengths[seen], settings),
        _rate("cer_unseen", errors[~seen], lengths[~seen], settings),
        _exact(errors, settings),
    ]
    item_scores = (errors / lengths).tolist()
    kept = [figure for figure in figures if figure.n]
    return Scored([answer or None for answer in answers], item_scores, kept, None)


def _errors(reference: str, answer: str) -> int:
    if not reference:
        raise ValueError("a reference is empty: error rates need one; fix the benchmark")
    counts = jiwer.process_characters(reference, answer)
    return counts.substitutions + counts.deletions + counts.insertions


def _rate(metric: str, errors: np.ndarray, lengths: np.ndarray, settings: Settings) -> Figure:
    if not len(errors):
        return Figure(metric, None, n=0, higher_is_better=False)
    low, high = ratio_interval(errors, lengths, settings)
    value = float(errors.sum() / lengths.sum())
    details = {"characters": int(lengths.sum())}
    return Figure(metric, value, low, high, len(errors), higher_is_better=False, details=details)


def _exact(errors: np.ndarray, settings: Settings) -> Figure:
    right = int((errors == 0).sum())
    low, high = wilson(right, len(errors), settings)
    return Figure("exact_match", right / len(errors), low, high, len(errors))
