"""Closeness of captions by a sentence-transformers model: a tiny one with random weights, in the real file layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizerFast

from components.scoring.captions import score_captions
from components.scoring.sentences import similarities
from components.scoring.settings import Settings
from tests.scoring.world import frame, measure

CAPTIONS = ["빨간 원이 있다", "파란 네모가 있다", "검은 별이 보인다"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sentence")
    letters = sorted({letter for text in CAPTIONS for letter in text if letter != " "})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"))
    SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu").save(str(folder / "model"))
    return folder / "model"


def test_mean_best_and_floor_by_the_vectors_themselves(model: Path) -> None:
    references = [[CAPTIONS[0], CAPTIONS[1]], [CAPTIONS[1]], [CAPTIONS[2]]]
    found = similarities(CAPTIONS, references, model)
    vectors = {text: SentenceTransformer(str(model), device="cpu").encode(text) for text in CAPTIONS}

    def cosine(one: str, other: str) -> float:
        a, b = vectors[one], vectors[other]
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    between = cosine(CAPTIONS[0], CAPTIONS[1])
    assert found.mean == pytest.approx([(1 + between) / 2, 1, 1], abs=1e-5)
    assert found.best == pytest.approx([1, 1, 1], abs=1e-5)
    floors = [cosine(CAPTIONS[0], CAPTIONS[1]), cosine(CAPTIONS[1], CAPTIONS[2])]
    assert found.floor[:2] == pytest.approx(floors, abs=1e-5)


def test_an_empty_caption_is_close_to_nothing(model: Path) -> None:
    items = frame([CAPTIONS[0], "", CAPTIONS[2]], CAPTIONS)
    scored = score_captions(items, Settings(sentence_model=model))
    assert scored.not_run == []
    assert measure(scored, "kr_sbert").units["above"].tolist() == pytest.approx([1, 0, 1], abs=1e-5)
    assert measure(scored, "kr_sbert_floor").value < 1  # type: ignore[operator]
