"""Whether two figures were measured in the same way."""

from __future__ import annotations

from collections.abc import Mapping

from components.evaluate.comparison.answers import VERSIONS
from components.scoring.measure import Measure

_INSTRUMENTS = ("tokeniser", "model", "scale")
"""Details of a figure that say what it was measured with."""
_NAMED = 3
"""Units that a message names."""


def differing_versions(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The versions that are not the same, each as (first's, second's)."""
    return {name: (first[name], second[name]) for name in VERSIONS if first[name] != second[name]}


def differing_measures(first: Measure, second: Measure) -> dict[str, tuple[str, str]]:
    """What keeps two figures of the same name from being compared; empty if nothing does."""
    pairs = {name: (first.details.get(name), second.details.get(name)) for name in _INSTRUMENTS}
    found = {name: (str(mine), str(other)) for name, (mine, other) in pairs.items() if mine != other}
    mine, other = _units(first), _units(second)
    if mine != other:
        found["units"] = (_only(mine, other), _only(other, mine))
    return found


def _units(measure: Measure) -> dict[str, str]:
    """Each unit's cluster."""
    return dict(zip(measure.units["unit"], measure.units["cluster"], strict=True))


def _only(own: dict[str, str], other: dict[str, str]) -> str:
    count = f"{len(own):,} {'unit' if len(own) == 1 else 'units'}"
    alone = sorted(unit for unit, cluster in own.items() if other.get(unit) != cluster)
    if not alone:
        return count
    rest = ", …" if len(alone) > _NAMED else ""
    return f"{count}, {len(alone):,} of them only here: {', '.join(alone[:_NAMED])}{rest}"
