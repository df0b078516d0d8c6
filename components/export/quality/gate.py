"""Whether a bundle is near enough to the model that it was made from."""

from __future__ import annotations

from collections.abc import Iterator

from components.export.quality.results import Divergence, Elsewhere, NotCompared, Quality, Score
from components.params.export import Limits


def problems(name: str, quality: Quality, limits: Limits) -> list[str]:
    """One sentence for each limit that is broken; empty: the bundle may pass.

    Args:
        name: of the bundle.
        quality: as measured. Limits of distributions hold for the whole bundle (the pairing "both") in each arithmetic.
        limits: of the bundle.
    """
    here, others = Elsewhere(divergence=quality.divergence, features=quality.features), quality.elsewhere
    broken = [*_broken(here, limits), *_scores(quality, limits.score_loss)]
    for arithmetic, found in others.items():
        broken += [f"{sentence} (in {arithmetic} arithmetic)" for sentence in _broken(found, limits)]
    return [f"export.bundles[{name}].limits.{sentence}" for sentence in broken]


def is_lost(quality: Quality, limits: Limits) -> bool:
    """Whether the language model alone breaks a limit of distributions, so that no image encoder helps."""
    found = [quality.divergence, *(other.divergence for other in quality.elsewhere.values())]
    return any(list(_far(one["language"], limits)) for one in found)


def _broken(found: Elsewhere, limits: Limits) -> Iterator[str]:
    yield from _far(found.divergence["both"], limits)
    if found.features is None:
        yield "features: not measured, as no held-out sample has a picture"
    elif not found.features.mean_cosine >= limits.features:
        yield f"features: found {found.features.mean_cosine:.4g}, at least {limits.features:g} is needed"


def _far(found: Divergence, limits: Limits) -> Iterator[str]:
    for key in ("kl_mean", "kl_p999", "perplexity_ratio"):
        value, most = getattr(found, key), getattr(limits, key)
        if not value <= most:  # so that no NaN passes
            yield f"{key}: found {value:.4g}, at most {most:g} is allowed"
    if not found.top1 >= limits.top1:
        yield f"top1: found {found.top1:.4g}, at least {limits.top1:g} is needed"


def _scores(quality: Quality, most: float) -> Iterator[str]:
    compared = [score for score in quality.scores if isinstance(score, Score)]
    for score in compared:
        loss = least_loss(score)
        if loss is not None and loss > most:
            yield (
                f"score_loss: {score.benchmark} loses at least {loss:.4g} of {score.metric} "
                f"({score.model_score:.4g} to {score.score:.4g}), at most {most:g} is allowed"
            )
    for one in quality.scores:
        if isinstance(one, NotCompared) and not one.by_choice:
            yield f"score_loss: {one.benchmark} could not be compared: {one.refused}"


def least_loss(score: Score) -> float | None:
    """The bound of the interval of the loss that is nearer to none: what is lost at least; negative: maybe nothing."""
    if score.low is None or score.high is None:
        return None
    return -score.high if score.higher_is_better else score.low
