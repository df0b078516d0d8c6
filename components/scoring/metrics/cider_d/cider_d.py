"""CIDEr-D (arXiv:1411.5726) over texts that are already split into tokens. Needs nothing beyond this file."""

import math
from collections import Counter
from typing import Any

import datasets
import evaluate

_LONGEST = 4
_SIGMA = 6.0
_SCALE = 10.0
_DESCRIPTION = """\
CIDEr-D as pycocoevalcap computes it, times 10: cosine of n-gram vectors weighted by inverse document
frequency, clipped, with a Gaussian penalty on the difference of lengths. A document is one item's set of
references."""
_Ngrams = Counter[tuple[str, ...]]
_Vectors = tuple[list[dict[tuple[str, ...], float]], int]


class CiderD(evaluate.Metric):
    """``compute(predictions=[tokens], references=[[tokens], ..])`` gives ``cider_d`` and ``scores``."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation="Vedantam et al. 2015, arXiv:1411.5726",
            features=datasets.Features(
                {
                    "predictions": datasets.Sequence(datasets.Value("string")),
                    "references": datasets.Sequence(datasets.Sequence(datasets.Value("string"))),
                }
            ),
        )

    def _compute(self, predictions: list[list[str]], references: list[list[list[str]]]) -> dict[str, Any]:
        found = [[_ngrams(tokens) for tokens in texts] for texts in references]
        weights = _Weights(found)
        scores = [weights.similarity(_ngrams(tokens), texts) for tokens, texts in zip(predictions, found, strict=True)]
        return {"cider_d": sum(scores) / len(scores), "scores": scores}


class _Weights:
    """Inverse document frequencies over one set of references."""

    def __init__(self, references: list[list[_Ngrams]]) -> None:
        self._documents = Counter(ngram for texts in references for ngram in set().union(*texts))
        self._log_count = math.log(len(references))

    def similarity(self, prediction: _Ngrams, texts: list[_Ngrams]) -> float:
        """Mean over the references and over the lengths of n-grams, times 10."""
        one = self._vectors(prediction)
        return _SCALE * sum(_compare(one, self._vectors(text)) for text in texts) / len(texts)

    def _vectors(self, ngrams: _Ngrams) -> _Vectors:
        vectors: list[dict[tuple[str, ...], float]] = [{} for _ in range(_LONGEST)]
        for ngram, count in ngrams.items():
            rarity = self._log_count - math.log(max(1, self._documents[ngram]))
            vectors[len(ngram) - 1][ngram] = count * rarity
        # pycocoevalcap takes the number of bigrams for a text's length; kept, so that figures agree.
        return vectors, sum(count for ngram, count in ngrams.items() if len(ngram) == 2)


def _ngrams(tokens: list[str]) -> _Ngrams:
    return Counter(tuple(tokens[i : i + n]) for n in range(1, _LONGEST + 1) for i in range(len(tokens) - n + 1))


def _compare(one: _Vectors, other: _Vectors) -> float:
    """Mean over the lengths of n-grams."""
    (ones, one_length), (others, other_length) = one, other
    penalty = math.exp(-((one_length - other_length) ** 2) / (2 * _SIGMA**2))
    return penalty * sum(_clipped_cosine(a, b) for a, b in zip(ones, others, strict=True)) / _LONGEST


def _clipped_cosine(prediction: dict[tuple[str, ...], float], reference: dict[tuple[str, ...], float]) -> float:
    norms = _norm(prediction) * _norm(reference)
    shared = (
        min(weight, reference[ngram]) * reference[ngram] for ngram, weight in prediction.items() if ngram in reference
    )
    return sum(shared) / norms if norms else 0.0


def _norm(vector: dict[tuple[str, ...], float]) -> float:
    return math.sqrt(sum(weight**2 for weight in vector.values()))
