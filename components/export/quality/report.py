"""What quantisation cost, for people, in two languages, and for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from components.bundles.manifest import RefusedForm
from components.evaluate.comparison.report.layout import (
    bracketed,
    number,
    percent,
    plain,
    probability,
    table,
)
from components.evaluate.comparison.report.pairs import arrowed
from components.evaluate.comparison.report.texts import Language
from components.export.quality.results import Divergence, Elsewhere, NotCompared, Quality, Score
from components.export.texts import say, say_form, say_reason

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
    form: str = ""
    """Of the image encoder; "": there is but one."""
    refused_forms: Sequence[RefusedForm] = ()
    """Faster ones."""


def verdict_lines(bundles: Sequence[Measured], language: Language) -> Iterator[str]:
    """Markdown: which bundles passed, and what others broke."""
    told = partial(say, language=language)
    yield from table(
        [told(key) for key in ("bundle", "weights", "form", "size", "verdict")],
        (
            [
                plain(one.name),
                plain(one.weights),
                say_form(one.form, language),
                number(one.size_mb),
                told("refused" if one.refused else "passed"),
            ]
            for one in bundles
        ),
    )
    broken = [sentence for one in bundles for sentence in one.refused]
    if broken:
        yield from (f"### {told('limits_broken')}", "", *(f"- {plain(sentence)}" for sentence in broken), "")
    refused = {one.name: one.refused_forms for one in bundles if one.refused_forms}
    if refused:
        yield from (f"### {told('refused_forms')}", "", told("refused_forms_intro"), "")
        yield from refused_lines(refused, language)


def refused_lines(refused: Mapping[str, Sequence[RefusedForm]], language: Language) -> Iterator[str]:
    """Markdown: which faster forms of bundles' image encoders were refused, and why."""
    yield from (
        f"- {plain(name)}, {say_form(one.form, language)}: {'; '.join(map(plain, one.reasons))}"
        for name, forms in refused.items()
        for one in forms
    )
    yield ""


def quality_lines(qualities: Mapping[str, Quality], language: Language, level: int = 2) -> Iterator[str]:
    """Markdown: distributions, image tokens, benchmarks, what was not compared and why.

    Args:
        qualities: by bundle; at least one.
        level: of the headings.
    """
    told = partial(say, language=language)
    sections = {
        "distributions": _divergences(qualities, language),
        "features": _features(qualities, language),
        "scores": _scores(qualities, language),
        "not_compared": _not_compared(qualities, language),
    }
    for key, section in sections.items():
        if lines := list(section):
            yield from (f"{'#' * level} {told(key)}", "", *lines)


def as_json(bundle: Measured) -> dict[str, Any]:
    """The same for programs."""
    return {
        "name": bundle.name,
        "weights": bundle.weights,
        "size_mb": bundle.size_mb,
        "refused": list(bundle.refused),
        "form": bundle.form,
        "refused_forms": [one.model_dump() for one in bundle.refused_forms],
        "quality": bundle.quality.model_dump(mode="json"),
    }


def _divergences(qualities: Mapping[str, Quality], language: Language) -> Iterator[str]:
    told = partial(say, language=language)
    yield from (told("distributions_intro", confidence=_confidence(qualities)), "")
    if measured := next((one.processor for one in qualities.values() if one.processor), None):
        arithmetic = told(f"arithmetic_{measured.arithmetic}")
        name, instructions = plain(measured.name), plain(measured.instruction_set)
        yield from (told("measured_on", name=name, instruction_set=instructions, arithmetic=arithmetic), "")
    yield from table(
        [told(key) for key in ("bundle", "arithmetic", *_DIVERGENCE)],
        (
            [plain(name), arithmetic, told(f"pairing_{pairing}"), *_divergence(found)]
            for name, arithmetic, one in _by_arithmetic(qualities, language)
            for pairing, found in one.divergence.items()
        ),
    )


def _by_arithmetic(qualities: Mapping[str, Quality], language: Language) -> Iterator[tuple[str, str, Elsewhere]]:
    """Bundle, name of the arithmetic, and what was found in it; the processor's own first."""
    for name, one in qualities.items():
        own = f"arithmetic_{one.processor.arithmetic}" if one.processor else "arithmetic_unknown"
        yield name, say(own, language), Elsewhere(divergence=one.divergence, features=one.features)
        for arithmetic, other in one.elsewhere.items():
            yield name, say(f"arithmetic_{arithmetic}", language), other


def _divergence(found: Divergence) -> list[str]:
    return [
        _significant(found.kl_mean),
        _significant(found.kl_p999),
        f"{found.perplexity_ratio:,.4f}",
        bracketed(found.top1, found.top1_low, found.top1_high),
        f"{found.tokens:,}",
        f"{found.samples:,}",
    ]


def _features(qualities: Mapping[str, Quality], language: Language) -> Iterator[str]:
    yield from table(
        [say(key, language) for key in ("bundle", "arithmetic", *_FEATURES)],
        (
            [plain(name), arithmetic, f"{found.mean_cosine:.5f}", f"{found.min_cosine:.5f}", f"{found.pictures:,}"]
            for name, arithmetic, one in _by_arithmetic(qualities, language)
            if (found := one.features)
        ),
    )


def _scores(qualities: Mapping[str, Quality], language: Language) -> Iterator[str]:
    told = partial(say, language=language)
    scored = {name: [one for one in quality.scores if isinstance(one, Score)] for name, quality in qualities.items()}
    if any(scored.values()):
        yield from (told("scores_intro", confidence=_confidence(qualities)), "")
    for name, scores in scored.items():
        heads = [plain(name) if key == "bundle" else told(key) for key in _SCORES]
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


def _not_compared(qualities: Mapping[str, Quality], language: Language) -> Iterator[str]:
    """One line a reason, with all that it concerns."""
    found: dict[str, tuple[dict[str, None], dict[str, None]]] = defaultdict(lambda: ({}, {}))
    for name, one in qualities.items():
        for score in one.scores:
            if isinstance(score, NotCompared):
                names, benchmarks = found[score.refused]
                names[name], benchmarks[score.benchmark] = None, None
    yield from table(
        [say(key, language) for key in ("bundle", "benchmark", "reason")],
        (
            [", ".join(map(plain, names)), ", ".join(map(plain, benchmarks)), plain(say_reason(reason, language))]
            for reason, (names, benchmarks) in found.items()
        ),
    )


def _confidence(qualities: Mapping[str, Quality]) -> str:
    return percent(next(iter(qualities.values())).confidence)


def _significant(value: float) -> str:
    """Three digits that say something, however small the value."""
    return np.format_float_positional(value, precision=3, fractional=False, trim="-")
