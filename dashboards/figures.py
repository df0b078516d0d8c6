"""How a score is written: its value, its interval, its provenance."""

from __future__ import annotations

from dashboards.page import text
from dashboards.records.scores import Change, Difference, Score

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


def difference_cell(difference: Difference, change: Change | None = None) -> str:
    """The difference with its direction and the paired change's interval if known, or why there is none."""
    if difference.value is None:
        why = text(f"obstacle_{difference.obstacle}", detail=_plain(difference.detail))
        return f":gray[{text('not_comparable')}: {why}]"
    if difference.better is None:
        return f"**0** {text('equal')}"
    sign = "+" if difference.value > 0 else "−"
    return f"{_direction(f'{sign}{number(abs(difference.value))}', difference, change)}{_change(change)}"


def _direction(value: str, difference: Difference, change: Change | None) -> str:
    """Colour and word only where the intervals leave no doubt; the paired one is the sharper of the two."""
    word = text("better" if difference.better else "worse")
    if change is not None and change.includes_zero:
        return f":gray[**{value}** {word}, {text('includes_zero')}]"
    if change is None and difference.overlapping:
        return f":gray[**{value}** {word}, {text('overlapping')}]"
    return f":{'green' if difference.better else 'red'}[**{value}** {word}]"


def _change(change: Change | None) -> str:
    if change is None or change.low is None or change.high is None:
        return ""
    return f"  {text('paired')} \\[{change.low:+.3f}, {change.high:+.3f}\\] n={change.n}"


def metric_cell(score: Score) -> str:
    """The metric with the direction that is good."""
    return f"{score.metric} {'↑' if score.higher_is_better else '↓'}"


def _badge(status: str, label: str) -> str:
    return f":{_COLOURS[status]}-badge[{label}]"


def _plain(text_: str) -> str:
    """Text that Markdown must not read as a link or a directive."""
    return text_.replace("[", "\\[").replace("]", "\\]").replace("\n", " ")
