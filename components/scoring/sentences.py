"""How close in meaning captions are, by a sentence-transformers model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Similarity:
    """Cosines of answers with references; (answers,) each."""

    mean: np.ndarray
    """Over an item's references."""
    best: np.ndarray
    floor: np.ndarray
    """The mean with another item's references: what a caption gets that has nothing to do with the picture."""
    model: str


def similarities(answers: Sequence[str], references: Sequence[Sequence[str]], model: Path) -> Similarity:
    """Embed everything once, on the CPU, and compare; answers without text get 0."""
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    texts = [*answers, *(text for texts in references for text in texts)]
    vectors = encoder.encode(texts, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
    ends = len(answers) + np.cumsum([len(texts) for texts in references])
    parts = [vectors[end - len(texts) : end] for end, texts in zip(ends, references, strict=True)]
    is_empty = np.array([not answer for answer in answers])
    cosines = [part @ vector for vector, part in zip(vectors, parts, strict=False)]
    # Shifted by one rather than drawn: the same floor every time, and no caption meets its own references.
    shuffled = [part @ vector for vector, part in zip(vectors, [*parts[1:], *parts[:1]], strict=False)]
    return Similarity(
        mean=np.where(is_empty, 0.0, [values.mean() for values in cosines]),
        best=np.where(is_empty, 0.0, [values.max() for values in cosines]),
        floor=np.where(is_empty, 0.0, [values.mean() for values in shuffled]),
        model=model.name,
    )
