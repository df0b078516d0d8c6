"""What is found out about a bundle's quality. All of it goes into JSON by ``model_dump``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from components.bundles.processor import Arithmetic, Processor

Pairing = Literal["vision", "language", "both"]
"""Which parts are the bundle's; the others are the model's own."""


class Result(BaseModel):
    """Anything that is measured."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Divergence(Result):
    """Next-token distributions over answers, teacher-forced."""

    kl_mean: float
    """Kullback-Leibler divergence of the bundle from the model, in nats, averaged over tokens."""
    kl_p999: float
    """Its 99.9th percentile."""
    perplexity_ratio: float
    """Perplexity of the answers, the bundle's by the model's."""
    top1: float
    """Share of tokens with the same most likely token."""
    top1_low: float | None
    top1_high: float | None
    tokens: int
    samples: int


class Features(Result):
    """Image tokens, the bundle's beside the model's."""

    mean_cosine: float
    min_cosine: float
    pictures: int


class Score(Result):
    """One benchmark by its main figure. Differences are the bundle's minus the model's."""

    benchmark: str
    metric: str
    higher_is_better: bool
    score: float | None
    model_score: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    """Two-sided, corrected for all benchmarks of the bundle (Holm)."""
    n: int
    wins: int
    """Units on which the bundle is better."""
    ties: int
    losses: int


class NotCompared(Result):
    """A benchmark without a comparison, and why."""

    benchmark: str
    refused: str
    by_choice: bool
    """Whether that follows from the settings, as where nobody judges; else something is wrong."""


class Elsewhere(Result):
    """What processors of another arithmetic would make of the same samples."""

    divergence: dict[Pairing, Divergence]
    features: Features | None


class Quality(Result):
    """All about one bundle, in the arithmetic of the processor that measured it."""

    divergence: dict[Pairing, Divergence]
    """``vision`` only where samples have pictures, and over those alone."""
    features: Features | None
    """None: no sample has a picture."""
    scores: list[Score | NotCompared]
    confidence: float
    """Of intervals."""
    processor: Processor | None = None
    """That measured it. None: not noted."""
    elsewhere: dict[Arithmetic, Elsewhere] = {}
    """By arithmetic, where it is another one."""

    @property
    def arithmetics(self) -> list[Arithmetic]:
        """Those that were measured."""
        return [*([self.processor.arithmetic] if self.processor else []), *self.elsewhere]
