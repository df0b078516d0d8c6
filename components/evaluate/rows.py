"""A row of scores.json."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["measured", "published", "missing", "not run"]
BASELINE = "KoLLaVA-7B"


@dataclass(frozen=True)
class Versions:
    """Two figures of which any of these differs are not comparable. Empty where a publication does not say."""

    items: str = ""
    """Digest of all that models are shown."""
    prompt: str = ""
    parser: str = ""
    decoding: str = ""
    judge: str = ""
    """Model, temperature and wording; "none" for figures without a judge."""


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
