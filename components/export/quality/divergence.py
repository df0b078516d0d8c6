"""Teacher forcing: what a bundle would have said at each token of known answers, beside what the model would."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from components.bundles.parts import Parts
from components.evaluate.statistics.intervals import interval
from components.evaluate.statistics.settings import Settings
from components.export.quality.results import Divergence, Features, Pairing
from components.export.quality.tokens import Tokens, compare_logits, join
from components.export.samples import Sample
from components.scoring.measure import COLUMNS, Measure

_TELL_EVERY_SECONDS = 10.0
_PERCENTILE = 0.999

_log = logging.getLogger(__name__)


class NotNumbers(RuntimeError):
    """A bundle gives NaN or infinity."""


@dataclass(frozen=True)
class _Found:
    """What one sample shows."""

    tokens: dict[Pairing, Tokens]
    cosines: np.ndarray
    """(image tokens,); empty without a picture."""


def measure_divergence(
    name: str, bundle: Parts, model: Parts, samples: Sequence[Sample], settings: Settings
) -> tuple[dict[Pairing, Divergence], Features | None]:
    """Compare a bundle's parts with the model's over answers, one sample in memory at a time.

    Vision: the bundle's image tokens go into the model's own language model; only samples with a picture count.
    Language: the model's image tokens go into the bundle's language model. Both: all is the bundle's.

    Args:
        name: of the bundle, for messages.
        bundle: the bundle.
        model: what it was made from.
        samples: at least one with an answered token.
        settings: of the intervals, which are clustered by sample.

    Raises:
        NotNumbers: naming the bundle and the sample.
        ValueError: if no sample has an answered token.
    """
    found = list(_each(name, bundle, model, samples))
    if not found:
        raise ValueError("no held-out sample to measure quality on: raise ingest.split.validation or ingest.split.test")
    pairings: tuple[Pairing, ...] = ("vision", "language", "both")
    told = {pairing: [one.tokens[pairing] for one in found if pairing in one.tokens] for pairing in pairings}
    divergences = {pairing: _divergence(parts, settings) for pairing, parts in told.items() if parts}
    return divergences, _features([one.cosines for one in found if len(one.cosines)])


def _each(name: str, bundle: Parts, model: Parts, samples: Sequence[Sample]) -> Iterator[_Found]:
    told = time.monotonic()
    for place, sample in enumerate(samples, start=1):
        if any(sample.answered[1:]):
            found = _compare(bundle, model, sample)
            _check(name, sample, found)
            yield found
        if place == len(samples) or time.monotonic() > told + _TELL_EVERY_SECONDS:
            told = time.monotonic()
            _log.info("%s: %d of %d samples compared", name, place, len(samples))


def _compare(bundle: Parts, model: Parts, sample: Sample) -> _Found:
    answered = np.flatnonzero(sample.answered)
    answered = answered[answered > 0]  # nothing precedes the first token
    first, true = int(answered[0]) - 1, np.array(sample.ids)[answered]

    def predict(parts: Parts, features: np.ndarray | None) -> np.ndarray:
        return parts.logits(sample.ids, features, first)[answered - 1 - first]

    if sample.picture is None:
        tokens = compare_logits(predict(model, None), predict(bundle, None), true)
        return _Found({"language": tokens, "both": tokens}, np.empty(0))
    own, other = model.features(sample.picture), bundle.features(sample.picture)
    expected = predict(model, own)
    tokens_of: dict[Pairing, Tokens] = {
        "vision": compare_logits(expected, predict(model, other), true),
        "language": compare_logits(expected, predict(bundle, own), true),
        "both": compare_logits(expected, predict(bundle, other), true),
    }
    return _Found(tokens_of, cosines(own, other))


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of each row of two arrays (rows, width), in float64: (rows,)."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    return (a * b).sum(axis=-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))


def _check(name: str, sample: Sample, found: _Found) -> None:
    for pairing, tokens in found.tokens.items():
        if not np.isfinite(tokens.kl).all():
            raise NotNumbers(
                f"{name}: with {pairing} quantised, logits of sample {sample.name} are not finite numbers: "
                f"change export.bundles[{name}].weights, or look for such weights in the model"
            )


def _divergence(parts: list[Tokens], settings: Settings) -> Divergence:
    tokens = join(parts)
    low, high = interval(_same(parts), settings)
    return Divergence(
        kl_mean=float(tokens.kl.mean()),
        kl_p999=float(np.quantile(tokens.kl, _PERCENTILE)),
        perplexity_ratio=float(np.exp(tokens.bundle_loss.mean() - tokens.loss.mean())),
        top1=float(tokens.same.mean()),
        top1_low=low,
        top1_high=high,
        tokens=len(tokens.kl),
        samples=len(parts),
    )


def _same(parts: list[Tokens]) -> Measure:
    """Units are samples: tokens of one answer depend on each other."""
    rows = [(str(place), str(place), "", part.same.sum(), len(part.same)) for place, part in enumerate(parts)]
    return Measure("top1", pd.DataFrame(rows, columns=COLUMNS))


def _features(found: list[np.ndarray]) -> Features | None:
    if not found:
        return None
    values = np.concatenate(found)
    return Features(mean_cosine=float(values.mean()), min_cosine=float(values.min()), pictures=len(found))
