"""The units that two models' figures have in common."""

from __future__ import annotations

from dataclasses import replace

from components.scoring.measure import Measure

JUDGED = "coverage"
"""A detail that judged figures alone have: the share of judgements that succeeded."""


def on_common_units(first: Measure, second: Measure) -> tuple[Measure, Measure]:
    """Judged figures on the units that both have, others as they are.

    A judgement that failed for one model leaves nothing to compare its unit with. How many may fail is limited before:
    with too many there is no figure.
    """
    if not (JUDGED in first.details and JUDGED in second.details):
        return first, second
    both = set(first.units["unit"]) & set(second.units["unit"])
    if not both:
        return first, second
    mine, other = (replace(one, units=one.units[one.units["unit"].isin(both)]) for one in (first, second))
    return mine, other
