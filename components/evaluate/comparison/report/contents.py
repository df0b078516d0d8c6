"""All that a report tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.evaluate.comparison.leaks import LeakEffect
from components.evaluate.comparison.results import Comparison, Refusal
from components.evaluate.rows import Row
from components.evaluate.statistics.settings import Settings


@dataclass(frozen=True)
class Contents:
    """What was found, before it is put into words."""

    results: Sequence[Comparison | Refusal]
    """Corrected, those of a pair of models together."""
    rows: Sequence[Row]
    """Every figure: measured, published, or the reason why there is none. A benchmark's main one stands first."""
    leaks: Sequence[LeakEffect]
    labels: Mapping[str, str]
    """What a model is that its name does not say, such as a small one that stands in for another."""
    settings: Settings

    @property
    def subjects(self) -> list[str]:
        """Models with a figure measured here."""
        return list(dict.fromkeys(row.subject for row in self.measured()))

    @property
    def pairs(self) -> dict[tuple[str, str], list[Comparison | Refusal]]:
        """Results by the two models' names."""
        names = dict.fromkeys((result.first, result.second) for result in self.results)
        return {pair: [r for r in self.results if (r.first, r.second) == pair] for pair in names}

    def measured(self) -> list[Row]:
        """Figures measured here."""
        return [row for row in self.rows if row.status == "measured"]

    def comparisons(self) -> list[Comparison]:
        """Comparisons by benchmarks' main figures."""
        return [result for result in self.results if isinstance(result, Comparison) and result.is_main]
