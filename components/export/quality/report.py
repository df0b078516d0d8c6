"""The quality report for people, in two languages, and for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from components.evaluate.comparison.report.layout import (
    NOTHING,
    bracketed,
    number,
    percent,
    plain,
    probability,
    table,
)
from components.evaluate.comparison.report.pairs import arrowed
from components.evaluate.comparison.report.texts import Language
from components.export.quality.results import Divergence, NotCompared, Quality, Score
from components.export.quality.texts import say
from components.files.atomic import write_text

_DIVERGENCE = ("pairing", "kl_mean", "kl_p999", "perplexity_ratio", "top1", "tokens", "samples")
_FEATURES = ("mean_cosine", "min_cosine", "pictures")
_SCORES = ("benchmark", "metric", "units", "bundle", "model_score", "difference", "p", "win_tie_loss")


@dataclass(frozen=True)
class Measured:
    """A bundle, and what was found out about it."""

    name: str
    weights: str
    """Of its language model."""
    size_mb: float
    quality: Quality
    refused: Sequence[str]
    """What the gate said; empty: it passed."""


def write_quality_report(folder: Path, bundles: Sequence[Measured]) -> None:
    """Write report.md and report.ko.md, each whole or not at all."""
    languages: dict[str, Language] = {"report.md": "en", "report.ko.md": "ko"}
    for name, language in languages.items():
        write_text(folder / name, "\n".join([f"# {say('title', language)}", "", *quality_lines(bundles, language)]))


def quality_lines(bundles: Sequence[Measured], language: Language) -> Iterator[str]:
    """Markdown: verdicts, distributions, image tokens, benchmarks, what was not compared and why."""
    yield from _verdicts(bundles, language)
    yield from _divergences(bundles, language)
    yield from _features(bundles, language)
    yield from _scores(bundles, language)
    yield from _not_compared(bundles, language)


def as_json(bundle: Measured) -> dict[str, Any]:
    """The same for programs."""
    return {
        "name": bundle.name,
        "weights": bundle.weights,
        "size_mb": bundle.size_mb,
        "refused": list(bundle.refused),
        "quality": bundle.quality.model_dump(mode="json"),
    }


def _verdicts(bundles: Sequence[Measured], language: Language) -> Iterator[str]:
    told = partial(say, language=language)
    yield from table(
        [told(key) for key in ("bundle", "weights", "size", "verdict")],
        (
            [plain(one.name), plain(one.weights), number(one.size_mb), told("refused" if one.refused else "passed")]
            for one in bundles
        ),
    )
    broken = [sentence for one in bundles for sentence in one.refused]
    if broken:
        yield from (f"### {told('limits_broken')}", "", *(f"- {plain(sentence)}" for sentence in broken), "")


def _divergences(bundles: Sequence[Measured], language: Language) -> Iterator[str]:
    told = partial(say, language=language)
    intro = told("distributions_intro", confidence=_confidence(bundles))
    yield from (f"## {told('distributions')}", "", intro, "")
    yield from table(
        [told(key) for key in ("bundle", *_DIVERGENCE)],
        (
            [plain(one.name), told(f"pairing_{pairing}"), *_divergence(found)]
            for one in bundles
            for pairing, found in one.quality.divergence.items()
        ),
    )


def _divergence(found: Divergence) -> list[str]:
    return [
        _significant(found.kl_mean),
        _significant(found.kl_p999),
        f"{found.perplexity_ratio:,.4f}",
        bracketed(found.top1, found.top1_low, found.top1_high),
        f"{found.tokens:,}",
        f"{found.samples:,}",
    ]


def _features(bundles: Sequence[Measured], language: Language) -> Iterator[str]:
    told = partial(say, language=language)
    rows = [
        [plain(one.name), f"{found.mean_cosine:.5f}", f"{found.min_cosine:.5f}", f"{found.pictures:,}"]
        for one in bundles
        if (found := one.quality.features)
    ]
    if rows:
        yield from (f"## {told('features')}", "")
    yield from table([told(key) for key in ("bundle", *_FEATURES)], rows)


def _scores(bundles: Sequence[Measured], language: Language) -> Iterator[str]:
    told = partial(say, language=language)
    yield from (f"## {told('scores')}", "", told("scores_intro", confidence=_confidence(bundles)), "")
    for one in bundles:
        scores = [score for score in one.quality.scores if isinstance(score, Score)]
        heads = [plain(one.name) if key == "bundle" else told(key) for key in _SCORES]
        yield from table(heads, (_score(score, language) for score in scores))


def _score(score: Score, language: Language) -> list[str]:
    return [
        plain(score.benchmark),
        arrowed(score.metric, score.higher_is_better, language),
        f"{score.n:,}",
        number(score.score),
        number(score.model_score),
        bracketed(score.difference, score.low, score.high, signed=True),
        probability(score.p),
        f"{score.wins:,} / {score.ties:,} / {score.losses:,}",
    ]


def _not_compared(bundles: Sequence[Measured], language: Language) -> Iterator[str]:
    """One line a reason, with all that it concerns."""
    found: dict[str, tuple[dict[str, None], dict[str, None]]] = defaultdict(lambda: ({}, {}))
    for one in bundles:
        for score in one.quality.scores:
            if isinstance(score, NotCompared):
                names, benchmarks = found[score.refused]
                names[one.name], benchmarks[score.benchmark] = None, None
    told = partial(say, language=language)
    if found:
        yield from (f"## {told('not_compared')}", "")
    yield from table(
        [told(key) for key in ("bundle", "benchmark", "reason")],
        (
            [", ".join(map(plain, names)), ", ".join(map(plain, benchmarks)), plain(reason)]
            for reason, (names, benchmarks) in found.items()
        ),
    )


def _confidence(bundles: Sequence[Measured]) -> str:
    return percent(bundles[0].quality.confidence) if bundles else NOTHING


def _significant(value: float) -> str:
    """Three digits that say something, however small the value."""
    return np.format_float_positional(value, precision=3, fractional=False, trim="-")
