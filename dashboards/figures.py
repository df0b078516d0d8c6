"""How a score is written: its value, its interval, its provenance."""

from __future__ import annotations

from dashboards.page import text
from dashboards.records.scores import Difference, Score

_COLOURS = {"measured": "green", "published": "blue", "missing": "gray", "not run": "gray"}


def number(value: float) -> str:
    """Three figures are all that such samples carry."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.3f}"


def score_cell(score: Score | None) -> str:
    """One cell of a comparison, as Markdown."""
    if score is None:
        return _badge("missing", text("missing"))
    label = text(score.status)
    if score.status == "published":
        label = f"{label} ({_plain(score.source)})"
    elif score.status == "not run" and score.reason:
        label = f"{label} ({_plain(score.reason)})"
    badge = _badge(score.status, label)
    if score.value is None:
        return badge
    interval = f" [{number(score.low or 0)}, {number(score.high or 0)}]" if score.has_interval else ""
    items = f" n={score.n}" if score.n is not None else ""
    return f"**{number(score.value)}**{_plain(interval)}{items}  {badge}"


def difference_cell(difference: Difference) -> str:
    """The difference with its direction, or why there is none."""
    if difference.value is None:
        why = text(f"obstacle_{difference.obstacle}", detail=_plain(difference.detail))
        return f":gray[{text('not_comparable')}: {why}]"
    if difference.better is None:
        return f"**0** {text('equal')}"
    colour, word = ("green", text("better")) if difference.better else ("red", text("worse"))
    return f":{colour}[**{difference.value:+.3f}** {word}]"


def metric_cell(score: Score) -> str:
    """The metric with the direction that is good."""
    return f"{score.metric} {'↑' if score.higher_is_better else '↓'}"


def _badge(status: str, label: str) -> str:
    return f":{_COLOURS[status]}-badge[{label}]"


def _plain(text_: str) -> str:
    """Text that Markdown must not read as a link or a directive."""
    return text_.replace("[", "\\[").replace("]", "\\]").replace("\n", " ")
