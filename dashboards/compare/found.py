"""What is known about the difference between two columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboards import cached
from dashboards.compare.column import Column
from dashboards.page import root, show_problem
from dashboards.records.comparison import Comparison, Line, Refusal
from dashboards.records.differences import Change
from dashboards.records.problem import RecordError


@dataclass(frozen=True)
class Found:
    """Paired comparisons of two models of one run; all empty for models of different runs."""

    compared: Mapping[Line, Comparison | Refusal] = field(default_factory=dict)
    significance: float = 0.0
    """The p value from which on a difference is not shown."""
    changes: Mapping[Line, Change] = field(default_factory=dict)
    """Of runs from before there were comparisons."""


def found_between(first: Column, second: Column) -> Found:
    """What evaluate wrote about two columns; problems with its files are shown."""
    if first.revision != second.revision:
        return Found()
    try:
        comparisons = cached.comparisons(root(), first.revision)
    except RecordError as problem:
        if problem.kind not in ("missing", "absent"):  # an older run has no comparison, and nothing is wrong with it
            show_problem(problem)
        return Found(changes=_changes(first, second))
    return Found(comparisons.of(first.subject, second.subject), comparisons.significance)


def _changes(first: Column, second: Column) -> Mapping[Line, Change]:
    try:
        return cached.changes(root(), first.revision, first.subject, second.subject)
    except RecordError as problem:
        show_problem(problem)
        return {}
