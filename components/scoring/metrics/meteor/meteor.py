"""METEOR by nltk over texts that are already split into tokens, without a thesaurus. Needs no download."""

from typing import Any

import datasets
import evaluate
from nltk.translate.meteor_score import meteor_score

_DESCRIPTION = """\
METEOR with exact matches only: nltk's thesaurus and stemmer are English. An item's best reference
counts. A perfect match of n tokens scores 1 - 0.5 / n^3."""


class Meteor(evaluate.Metric):
    """``compute(predictions=[tokens], references=[[tokens], ..])`` gives ``meteor`` (mean) and ``scores``."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation="Banerjee and Lavie 2005, https://aclanthology.org/W05-0909",
            features=datasets.Features(
                {
                    "predictions": datasets.Sequence(datasets.Value("string")),
                    "references": datasets.Sequence(datasets.Sequence(datasets.Value("string"))),
                }
            ),
        )

    def _compute(self, predictions: list[list[str]], references: list[list[list[str]]]) -> dict[str, Any]:
        scores = [
            meteor_score(texts, tokens, stemmer=_Unchanged(), wordnet=_NoSynonyms())
            for tokens, texts in zip(predictions, references, strict=True)
        ]
        return {"meteor": sum(scores) / len(scores), "scores": scores}


class _NoSynonyms:
    """Stands where nltk expects WordNet."""

    def synsets(self, word: str) -> list[Any]:
        return []


class _Unchanged:
    """Stands where nltk expects a stemmer."""

    def stem(self, word: str) -> str:
        return word
