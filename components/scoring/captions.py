"""Captions against several references: CIDEr-D and METEOR over Korean morphemes, and closeness in meaning."""

from __future__ import annotations

import pandas as pd

from components.scoring.measure import Measure, NotRun, Scored, item_measure
from components.scoring.metrics.load import load_metric
from components.scoring.metrics.tokens import TOKENISER, tokenise
from components.scoring.parsers.text import normalise_text
from components.scoring.sentences import Similarity, similarities
from components.scoring.settings import Settings

_NO_MODEL = (
    "evaluate.sentence_model in params.yaml is null; "
    "give a folder with snunlp/KR-SBERT-V40K-klueNLI-augSTS, or hub:<owner>/<name>@<commit>"
)


def score_captions(items: pd.DataFrame, settings: Settings) -> Scored:
    """All metrics; document frequencies are those of all references, so that resampling does not move them."""
    answers = [normalise_text(response) for response in items["response"]]
    predictions = [tokenise(answer) for answer in answers]
    references = [[tokenise(text) for text in texts] for texts in items["references"]]
    tables = {"predictions": predictions, "references": references}
    cider = load_metric("cider_d").compute(**tables)["scores"]
    meteor = load_metric("meteor").compute(**tables)["scores"]
    measures = [
        _mean("cider_d", items, cider, "x10, from 0 to 10, as usually reported"),
        _mean("meteor", items, meteor, "0 to 1; exact matches only, Korean has no WordNet here"),
    ]
    parsed = [answer or None for answer in answers]
    if settings.sentence_model is None:
        return Scored(parsed, measures, list(cider), [NotRun("kr_sbert", _NO_MODEL)])
    close = similarities(answers, list(items["references"]), settings.sentence_model)
    return Scored(parsed, [*measures, *_closeness(items, close)], list(cider))


def _mean(metric: str, items: pd.DataFrame, values: list[float], scale: str) -> Measure:
    return item_measure(metric, items, values, details={"tokeniser": TOKENISER, "scale": scale})


def _closeness(items: pd.DataFrame, close: Similarity) -> list[Measure]:
    details = {"model": close.model, "scale": "cosine; kr_sbert_floor is what captions of other pictures get"}
    columns = {"kr_sbert": close.mean, "kr_sbert_max": close.best, "kr_sbert_floor": close.floor}
    return [item_measure(metric, items, values, details=details) for metric, values in columns.items()]
