"""Teacher forcing: what bundles would have said at each token of known answers, beside what the model would."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
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
from components.stages.errors import Unusable, UserError
from components.stages.progress import Progress

_PERCENTILE = 0.999

_log = logging.getLogger(__name__)


class NotNumbers(UserError):
    """A bundle gives NaN or infinity."""


@dataclass(frozen=True)
class _Found:
    """What one sample shows."""

    tokens: dict[Pairing, Tokens]
    cosines: np.ndarray
    """(image tokens,); empty without a picture."""


Differences = tuple[dict[Pairing, Divergence], Features | None]
"""Of one bundle; no features where no sample has a picture."""


def measure_divergence(
    bundles: Mapping[str, Parts], model: Parts, samples: Sequence[Sample], settings: Settings
) -> dict[str, Differences]:
    """Compare bundles' parts with the model's over answers, one sample in memory at a time; the model reads it once.

    Vision: the bundle's image tokens go into the model's own language model; only samples with a picture count.
    Language: the model's image tokens go into the bundle's language model. Both: all is the bundle's.

    Args:
        bundles: by name, at least one.
        model: what they were made from.
        samples: at least one with an answered token.
        settings: of the intervals, which are clustered by sample.

    Raises:
        NotNumbers: naming the bundle and the sample.
        Unusable: if no sample has an answered token.
    """
    found: dict[str, list[_Found]] = {name: [] for name in bundles}
    for sample in _told(samples, ", ".join(bundles)):
        if any(sample.answered[1:]):
            for name, one in _compare(bundles, model, sample).items():
                found[name].append(one)
    if not all(found.values()):
        raise Unusable("no held-out sample to measure quality on: raise ingest.split.validation or ingest.split.test")
    return {name: _differences(parts, settings) for name, parts in found.items()}


def _differences(found: Sequence[_Found], settings: Settings) -> Differences:
    pairings: tuple[Pairing, ...] = ("vision", "language", "both")
    told = {pairing: [one.tokens[pairing] for one in found if pairing in one.tokens] for pairing in pairings}
    divergences = {pairing: _divergence(parts, settings) for pairing, parts in told.items() if parts}
    return divergences, _features([one.cosines for one in found if len(one.cosines)])


def _told(samples: Sequence[Sample], names: str) -> Iterator[Sample]:
    """The samples, with a line every ten seconds."""
    progress = Progress(names, "samples compared", len(samples), say=_log.info)
    for sample in samples:
        yield sample
        progress.add()


def _compare(bundles: Mapping[str, Parts], model: Parts, sample: Sample) -> dict[str, _Found]:
    answered = np.flatnonzero(sample.answered)
    answered = answered[answered > 0]  # nothing precedes the first token
    first, true = int(answered[0]) - 1, np.array(sample.ids)[answered]

    def predict(parts: Parts, features: np.ndarray | None) -> np.ndarray:
        return parts.logits(sample.ids, features, first)[answered - 1 - first]

    own = None if sample.picture is None else model.features(sample.picture)
    expected = predict(model, own)
    seen: dict[bytes, Tokens] = {}

    def vision(features: np.ndarray) -> Tokens:
        """Several bundles may have one image encoder."""
        key = features.tobytes()
        if key not in seen:
            seen[key] = compare_logits(expected, predict(model, features), true)
        return seen[key]

    def compare(bundle: Parts) -> _Found:
        language = compare_logits(expected, predict(bundle, own), true)
        if own is None or sample.picture is None:
            return _Found({"language": language, "both": language}, np.empty(0))
        other = bundle.features(sample.picture)
        tokens: dict[Pairing, Tokens] = {
            "vision": vision(other),
            "language": language,
            "both": compare_logits(expected, predict(bundle, other), true),
        }
        return _Found(tokens, cosines(own, other))

    found = {name: compare(bundle) for name, bundle in bundles.items()}
    for name, one in found.items():
        _check(name, sample, one)
    return found


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
