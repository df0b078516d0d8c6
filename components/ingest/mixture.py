"""How many samples of each source an epoch shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.params.schema import Source

FILE = "mixture.json"
"""Lies beside a stage's splits; training draws its epochs by it."""


@dataclass(frozen=True)
class Part:
    """What a source gives."""

    samples: int
    """That it has in the train split."""
    epoch: int
    """That an epoch shows: fewer than it has, or more, which repeats some."""


def mix(
    sources: Sequence[Source], samples: Mapping[str, int], temperature: float, total: int | None
) -> dict[str, Part]:
    """Part of each source of a stage, by its name.

    Weights (the number of samples where none is given) are raised to 1 / temperature, as is usual in multilingual
    training (Arivazhagan et al., arXiv:1907.05019, section 4.3). Without a total, the epoch is as long as it can be
    with no sample shown twice.

    Args:
        samples: of the train split, by source.
        total: samples an epoch, those of sources with a fixed count among them.
    """
    fixed = {source.name: source.count for source in sources if source.count is not None and samples[source.name]}
    free = [source for source in sources if source.count is None and samples[source.name]]
    weights = {source.name: (source.weight or samples[source.name]) ** (1 / temperature) for source in free}
    caps = {source.name: float(source.cap or math.inf) for source in free}
    if total is None:
        scale = _scale_without_repeats(weights, caps, samples)
    else:
        scale = _scale_for(max(0, total - sum(fixed.values())), weights, caps)
    exact = {name: min(caps[name], scale * weight) for name, weight in weights.items()}
    epoch = {**fixed, **_round(exact)}
    return {source.name: Part(samples[source.name], epoch.get(source.name, 0)) for source in sources}


def _scale_without_repeats(
    weights: Mapping[str, float], caps: Mapping[str, float], samples: Mapping[str, int]
) -> float:
    """The largest number by which weights can be multiplied so that no source has to repeat a sample."""
    limits = [samples[name] / weight for name, weight in weights.items() if caps[name] > samples[name]]
    return min(limits) if limits else max((cap / weights[name] for name, cap in caps.items()), default=0.0)


def _scale_for(total: float, weights: Mapping[str, float], caps: Mapping[str, float]) -> float:
    """The number by which weights are multiplied so that all give ``total`` together, none more than its cap."""
    open_to_more, left = dict(weights), total
    scale = 0.0
    while open_to_more:
        scale = left / sum(open_to_more.values())
        full = [name for name, weight in open_to_more.items() if scale * weight > caps[name]]
        if not full:
            return scale
        left -= sum(caps[name] for name in full)
        for name in full:
            del open_to_more[name]
    return math.inf if weights else scale


def _round(exact: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers with the same sum: the largest remainders are rounded up."""
    down = {name: math.floor(value + 1e-9) for name, value in exact.items()}
    missing = round(sum(exact.values())) - sum(down.values())
    by_remainder = sorted(exact, key=lambda name: (down[name] - exact[name], name))
    return {name: down[name] + (name in by_remainder[:missing]) for name in exact}
