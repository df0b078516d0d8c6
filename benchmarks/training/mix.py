"""Lengths of samples as in the recipe's stage-2 mix, drawn, since the data sets themselves are downloads of many GB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

LABELLED = 0.5
"""Share of a sample's text that carries loss. An assumption."""
_SHORTEST = 24
"""Tokens of text: a question and an answer of a few words, with what is written around turns."""
_DRAWN = 100_000


@dataclass(frozen=True)
class Source:
    """A data set of the mix: its number of samples is the recipe's; all else is assumed.

    ``text`` is the mean number of tokens that are no image tokens, over all turns; ``spread`` the standard deviation
    of its logarithm; ``text_only`` the share of samples without an image.
    """

    samples: int
    text: float
    spread: float
    text_only: float = 0.0


MIX = {
    "LLaVA, English": Source(157_712, 300, 0.8, text_only=0.12),
    "KoLLaVA": Source(156_564, 300, 0.8, text_only=0.12),
    "CC3M, Korean recaptions": Source(119_717, 50, 0.4),
    "text in the wild": Source(98_726, 60, 0.6),
    "VQAv2, OK-VQA": Source(91_781, 70, 0.6),
    "Visual Genome": Source(86_417, 80, 0.6),
    "GQA": Source(72_140, 70, 0.6),
    "A-OKVQA": Source(66_160, 60, 0.4),
    "OCR": Source(51_485, 60, 0.6),
    "charts": Source(28_267, 80, 0.6),
    "Korean multiple choice": Source(22_766, 60, 0.4),
    "KoAlpaca": Source(21_155, 250, 0.7, text_only=1.0),
    "objects": Source(2_364, 40, 0.3),
    "food": Source(300, 40, 0.3),
}
"""The AIKU "Small Korean VLM" project's mix. About 6 % of it has no image, as in LLaVA-1.5's own (arXiv:2310.03744)."""


@dataclass(frozen=True)
class Lengths:
    """Tokens of text and number of images (0 or 1) of each sample."""

    text: np.ndarray
    images: np.ndarray

    def __len__(self) -> int:
        return len(self.text)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.text.tolist(), self.images.tolist(), strict=True)


def draw(count: int, longest: int, seed: int) -> Lengths:
    """Samples of the mix, drawn independently.

    Text is log-normal within a source, and cut to ``longest`` tokens.
    """
    rng = np.random.default_rng(seed)
    sources = list(MIX.values())
    shares = np.array([source.samples for source in sources], dtype=float)
    chosen = rng.choice(len(sources), count, p=shares / shares.sum())
    mean, spread, text_only = (
        np.array([getattr(source, name) for source in sources])[chosen] for name in ("text", "spread", "text_only")
    )
    # The mean of a log-normal is exp(mu + sigma^2 / 2).
    text = rng.lognormal(np.log(mean) - spread**2 / 2, spread)
    return Lengths(np.clip(np.rint(text), _SHORTEST, longest).astype(int), (rng.random(count) >= text_only).astype(int))


def typical(count: int, longest: int, seed: int) -> Lengths:
    """A few samples that stand for the mix: a systematic sample, ordered by images and length.

    The middles of ``count`` equal parts of many drawn samples, so that even 16 hold the tail and one without an image.
    """
    many = draw(_DRAWN, longest, seed)
    order = np.lexsort((many.text, many.images))
    middles = order[((np.arange(count) + 0.5) / count * _DRAWN).astype(int)]
    return Lengths(many.text[middles], many.images[middles])
