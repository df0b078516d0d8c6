"""A row of scores.json."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from components.evaluate.scores.figures import Figure

Status = Literal["measured", "published", "missing", "not run"]
BASELINE = "KoLLaVA-7B"


@dataclass(frozen=True)
class Versions:
    """Two figures with different versions are not comparable. Empty where a publication does not say."""

    prompt: str = ""
    parser: str = ""
    decoding: str = ""


@dataclass(frozen=True)
class Row:
    """One figure of one subject, with where it comes from or why there is none."""

    subject: str
    benchmark: str
    category: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    status: Status
    reason: str = ""
    source: str = ""
    condition: str = ""
    versions: Versions = field(default_factory=Versions)
    higher_is_better: bool = True
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """Who answered what, and how."""

    name: str
    benchmark: str
    category: str
    versions: Versions
    condition: str


def measured_row(subject: Subject, figure: Figure) -> Row:
    """A figure computed here; ``not run`` where it has a reason for having no value."""
    return Row(
        subject.name,
        subject.benchmark,
        subject.category,
        figure.metric,
        figure.value,
        figure.low,
        figure.high,
        figure.n,
        status="not run" if figure.not_run else "measured",
        reason=figure.not_run,
        source="" if figure.not_run else "measured here",
        condition=subject.condition,
        versions=subject.versions,
        higher_is_better=figure.higher_is_better,
        details=figure.details,
    )


def empty_row(
    subject: str,
    benchmark: str,
    category: str,
    metric: str,
    status: Status,
    reason: str,
    higher_is_better: bool = True,
) -> Row:
    """A row without a value."""
    return Row(
        subject,
        benchmark,
        category,
        metric,
        None,
        None,
        None,
        None,
        status,
        reason,
        higher_is_better=higher_is_better,
    )
