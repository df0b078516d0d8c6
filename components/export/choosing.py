"""Which form each bundle takes: the fastest that keeps within its limits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from components.bundles.manifest import RefusedForm
from components.export.openvino.forms import Form
from components.export.quality.gate import is_lost, problems
from components.export.quality.results import Quality
from components.params.export import BundleParams

Write = Callable[[BundleParams, Form], list[str]]
"""Writes a bundle in a form; returns why that form cannot be taken, whatever its figures."""
Compare = Callable[[Sequence[str]], Mapping[str, Quality]]
"""Measures bundles by name, all but benchmarks: seconds, where benchmarks take minutes."""
Score = Callable[[Mapping[str, Quality]], Mapping[str, Quality]]
"""Adds benchmarks to bundles' qualities."""

_log = logging.getLogger(__name__)


@dataclass
class Chosen:
    """A bundle as it was written last."""

    wanted: BundleParams
    forms: list[Form]
    """That which it has, then those more exact."""
    refused: list[RefusedForm] = field(default_factory=list)
    """Faster forms."""
    quality: Quality | None = None
    problems: list[str] = field(default_factory=list)
    """What its limits say against the form that it has."""

    def judge(self, quality: Quality) -> bool:
        """Whether the form stays: it keeps the limits as far as measured, or no other would do better."""
        self.quality = quality
        self.problems = problems(self.wanted.name, quality, self.wanted.limits)
        if not self.problems or len(self.forms) == 1 or is_lost(quality, self.wanted.limits):
            return True
        self.refuse(self.problems)
        return False

    def refuse(self, reasons: list[str]) -> None:
        """Go on to the next form."""
        form = self.forms.pop(0)
        self.refused.append(RefusedForm(form=form.name, reasons=reasons))
        _log.warning(
            "%s: form %s of the image encoder is refused, %s comes next: %s",
            self.wanted.name,
            form.name,
            self.forms[0].name,
            "; ".join(reasons),
        )


def choose_forms(
    bundles: Mapping[str, BundleParams],
    forms_of: Callable[[BundleParams], Sequence[Form]],
    write: Write,
    compare: Compare,
    score: Score,
) -> dict[str, Chosen]:
    """Write all bundles, each in the first of its forms that keeps its limits; else in the last.

    Benchmarks are answered in forms whose other figures keep the limits. Where a benchmark refuses one, the next is
    tried in the same way.
    """
    chosen = {name: Chosen(wanted, list(forms_of(wanted))) for name, wanted in bundles.items()}
    waiting = list(chosen.values())
    while waiting:
        _come_near(waiting, write, compare)
        scored = score({one.wanted.name: one.quality for one in waiting if one.quality})
        waiting = [one for one in waiting if not one.judge(scored[one.wanted.name])]
    return chosen


def _come_near(bundles: Iterable[Chosen], write: Write, compare: Compare) -> None:
    """Write bundles, and write those anew whose distributions or image tokens are too far from the model's."""
    waiting = list(bundles)
    while waiting:
        for one in waiting:
            while (reasons := write(one.wanted, one.forms[0])) and len(one.forms) > 1:
                one.refuse(reasons)
        found = compare([one.wanted.name for one in waiting])
        waiting = [one for one in waiting if not one.judge(found[one.wanted.name])]
