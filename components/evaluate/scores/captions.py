"""Captions against several references: CIDEr-D and METEOR over Korean morphemes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.evaluate.metrics.load import load_metric
from components.evaluate.metrics.tokens import TOKENISER, tokenise
from components.evaluate.parsers import normalise_text
from components.evaluate.scores.figures import Figure, Scored, Settings
from components.evaluate.scores.intervals import mean_interval

_KR_SBERT = "snunlp/KR-SBERT-V40K-klueNLI-augSTS"


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Both metrics; document frequencies are those of all references, so resampling does not move them."""
    answers = [normalise_text(response) for response in items["response"]]
    predictions = [tokenise(answer) for answer in answers]
    references = [[tokenise(text) for text in texts] for texts in items["references"]]
    tables = {"predictions": predictions, "references": references}
    cider = load_metric("cider_d").compute(**tables)["scores"]
    meteor = load_metric("meteor").compute(**tables)["scores"]
    figures = [
        _mean("cider_d", cider, settings, "x10, from 0 to 10, as usually reported"),
        _mean("meteor", meteor, settings, "0 to 1; exact matches only, Korean has no WordNet here"),
        Figure("kr_sbert", None, not_run=f"model {_KR_SBERT} not present"),
    ]
    return Scored([answer or None for answer in answers], [float(value) for value in cider], figures, "cider_d")


def _mean(metric: str, values: list[float], settings: Settings, scale: str) -> Figure:
    low, high = mean_interval(values, settings)
    details = {"tokeniser": TOKENISER, "scale": scale}
    return Figure(metric, float(np.mean(values)), low, high, len(values), details=details)
