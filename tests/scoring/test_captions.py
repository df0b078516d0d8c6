"""CIDEr-D and METEOR against hand-worked numbers, a plain second reading of the definition, and nltk."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from nltk.translate.meteor_score import meteor_score

from components.scoring.captions import score_captions
from components.scoring.metrics.load import load_metric
from components.scoring.metrics.tokens import TOKENISER, tokenise
from components.scoring.settings import Settings
from tests.scoring.world import frame, measure

CAPTIONS = ["빨간 원이 왼쪽에 있습니다.", "파란 네모가 오른쪽에 있습니다.", "초록 별이 가운데에 있습니다."]


def cider(predictions: list[list[str]], references: list[list[list[str]]]) -> list[float]:
    return load_metric("cider_d").compute(predictions=predictions, references=references)["scores"]


def by_definition(prediction: list[str], texts: list[list[str]], everything: list[list[list[str]]]) -> float:
    """CIDEr-D written out once more, n by n and with dense vectors."""

    def grams(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
        return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))

    total = 0.0
    for text in texts:
        penalty = math.exp(-((max(len(prediction) - 1, 0) - max(len(text) - 1, 0)) ** 2) / 72)
        for n in range(1, 5):
            vocabulary = sorted({*grams(prediction, n), *grams(text, n)})
            rarity = [
                math.log(len(everything))
                - math.log(max(1, sum(any(word in grams(one, n) for one in document) for document in everything)))
                for word in vocabulary
            ]
            ours = [grams(prediction, n)[w] * idf for w, idf in zip(vocabulary, rarity, strict=True)]
            theirs = [grams(text, n)[w] * idf for w, idf in zip(vocabulary, rarity, strict=True)]
            norms = math.hypot(*ours) * math.hypot(*theirs)
            if norms:
                total += penalty * sum(min(a, b) * b for a, b in zip(ours, theirs, strict=True)) / norms
    return 10 * total / 4 / len(texts)


def test_cider_d_by_hand() -> None:
    """Two items without a shared word: every n-gram weighs log 2.

    The first answer equals its reference of two tokens: both 1-grams and the 2-gram agree, longer ones do
    not exist, so it has 10 x (1 + 1 + 0 + 0) / 4 = 5. The second shares one of two words: its cosine is 1/2
    for n = 1, so it has 10 x (1/2) / 4 = 1.25.
    """
    assert cider([["가", "나"], ["다", "마"]], [[["가", "나"]], [["다", "라"]]]) == pytest.approx([5, 1.25])


def test_cider_d_clips_repetition_and_punishes_length() -> None:
    """Twice 가 against 가 나 is clipped from (2, 0) to (1, 0): 1 / (2 x sqrt 2). One 가 is too short."""
    references = [[["가", "나"]], [["다", "라"]]]
    assert cider([["가", "가"], ["다", "라"]], references)[0] == pytest.approx(10 / 4 / (2 * math.sqrt(2)))
    assert cider([["가"], ["다", "라"]], references)[0] == pytest.approx(10 / 4 / math.sqrt(2) * math.exp(-1 / 72))


def test_cider_d_by_its_definition() -> None:
    references = [[tokenise(text), tokenise(text.replace("있습니다", "보입니다"))] for text in CAPTIONS]
    answers = ["빨간 원이 있습니다.", "파란 파란 네모가 왼쪽에 있습니다.", ""]
    predictions = [tokenise(text) for text in answers]
    expected = [by_definition(p, texts, references) for p, texts in zip(predictions, references, strict=True)]
    assert cider(predictions, references) == pytest.approx(expected)
    assert expected[2] == 0


def test_meteor_by_nltk_and_by_hand() -> None:
    class NoSynonyms:
        def synsets(self, word: str) -> list[str]:
            return []

    references = [[tokenise(text)] for text in CAPTIONS]
    predictions = [tokenise(text) for text in (CAPTIONS[0], "네모가 오른쪽에 파란", "")]
    found = load_metric("meteor").compute(predictions=predictions, references=references)["scores"]
    direct = [meteor_score(r, p, wordnet=NoSynonyms()) for p, r in zip(predictions, references, strict=True)]
    assert found == pytest.approx(direct)
    assert found[0] == pytest.approx(1 - 0.5 / len(predictions[0]) ** 3)
    assert found[2] == 0


def test_symbols_are_dropped_and_the_tokeniser_is_named() -> None:
    assert tokenise("원이 있습니다.") == ["원", "이", "있", "습니다"]
    assert tokenise("...") == []
    assert TOKENISER.startswith("python-mecab-ko 1.")


def test_captions_are_scored_and_kr_sbert_is_not_run() -> None:
    items = frame([CAPTIONS[0], "파란 네모가 있습니다.", ""], CAPTIONS)
    scored = score_captions(items, Settings())
    assert scored.item_scores[0] == pytest.approx(10)
    assert scored.item_scores[2] == 0
    assert measure(scored, "cider_d").value == pytest.approx(sum(filter(None, scored.item_scores)) / 3)
    assert measure(scored, "cider_d").details["tokeniser"] == TOKENISER
    (missing,) = scored.not_run
    assert missing.metric == "kr_sbert"
    assert "evaluate.sentence_model in params.yaml is null" in missing.reason
