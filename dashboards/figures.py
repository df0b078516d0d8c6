"""How a score is written: its value, its interval, its provenance, and how far it is from another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import shorten

from dashboards.page import text
from dashboards.records.comparison import Comparison, Estimate, Refusal
from dashboards.records.differences import Change, Difference
from dashboards.records.scores import Score
from dashboards.texts import TEXTS

_COLOURS = {"measured": "green", "published": "blue", "missing": "gray", "not run": "gray"}
_BREAK = "  \n"
"""Between the lines of one cell, in Markdown."""
_UNBROKEN = "\N{NO-BREAK SPACE}"
_LONGEST = 40
"""Characters of a source or reason: longer ones would push the differences off the screen."""
_SIGNS = re.compile(r"([\\`*_\[\]<>|#~$&])")


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
    badge = f"{_badge(score.status, text(score.status))}{_why(score)}"
    if score.value is None:
        return badge
    rest = score.without_leaks
    leaks = f"{_BREAK}{text('without_leaks')} {value_cell(rest)}" if rest is not None else ""
    return f"{value_cell(score)}  {badge}{leaks}"


def value_cell(score: Score) -> str:
    """A value with its interval and the number of items."""
    if score.value is None:
        return text("no_value")
    interval = f" [{number(score.low or 0)}, {number(score.high or 0)}]" if score.has_interval else ""
    items = f" n={score.n}" if score.n is not None else ""
    return f"**{number(score.value)}**{_plain(interval)}{items}"


def difference_cell(difference: Difference, change: Change | None = None) -> str:
    """The difference with its direction and the paired change's interval if known, or why there is none."""
    if difference.value is None:
        why = text(f"obstacle_{difference.obstacle}", detail=_plain(difference.detail))
        return f":gray[{text('not_comparable')}: {why}]"
    if difference.better is None:
        return f"**0** {text('equal')}"
    return f"{_direction(_signed(difference.value), difference, change)}{_change(change)}"


def paired_cell(comparison: Comparison, significance: float) -> str:
    """A paired difference with interval and p value; coloured only where it is shown after the correction."""
    estimate = comparison.difference
    if not comparison.is_main:
        tested = [text("before_correction", p=p) for p in _p(comparison.p_value)]
        return _grey([_value(estimate), *_interval(estimate), *tested])
    rest = [*_interval(estimate), *_p(comparison.p_adjusted)]
    better = comparison.is_better(significance)
    if better is None:
        return _grey([f"{_value(estimate)} {text('not_shown')}", *rest])
    return _BREAK.join([_coloured(_value(estimate), better), *rest])


def estimate_cell(estimate: Estimate, higher_is_better: bool) -> str:
    """A paired difference that was not tested: grey where its interval leaves open which side is better."""
    if not estimate.value:
        return " ".join([_value(estimate), *_interval(estimate)])
    if estimate.includes_zero:
        return f":gray[{' '.join([_value(estimate), *_interval(estimate), text('includes_zero')])}]"
    better = (estimate.value > 0) == higher_is_better
    return " ".join([_coloured(_value(estimate), better), *_interval(estimate)])


def refusal_cell(refusal: Refusal) -> str:
    """What differs in how two figures were measured."""
    parts = [f"{_name_of_version(name)} ({mine} / {other})" for name, (mine, other) in refusal.what.items()]
    return f":gray[{text('not_comparable')}: {text('differs', detail=_plain(', '.join(parts)))}]"


def metric_cell(score: Score) -> str:
    """The metric with the direction that is good, and what guessing gets."""
    chance = f"  :small[:gray[{text('chance')} {number(score.chance)}]]" if score.chance is not None else ""
    return f"{score.metric}{_UNBROKEN}{'↑' if score.higher_is_better else '↓'}{chance}"


def _name_of_version(name: str) -> str:
    return text(key) if (key := f"differs_{name}") in TEXTS else name


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{number(abs(value))}" if value else "0"


def _value(estimate: Estimate) -> str:
    return text("no_value") if estimate.value is None else f"**{_signed(estimate.value)}**"


def _interval(estimate: Estimate) -> list[str]:
    """The interval, if there is one."""
    if estimate.low is None or estimate.high is None:
        return []
    return [f"\\[{_signed(estimate.low)},{_UNBROKEN}{_signed(estimate.high)}\\]"]


def _p(value: float | None) -> list[str]:
    """The p value, if there is one."""
    if value is None:
        return []
    size = "< 0.001" if value < 0.001 else f"= {value:.3f}"
    return [f"p {size}".replace(" ", _UNBROKEN)]


def _grey(lines: Sequence[str]) -> str:
    return _BREAK.join(f":gray[{line}]" for line in lines)


def _coloured(value: str, better: bool) -> str:
    return f":{'green' if better else 'red'}[{value} {text('better' if better else 'worse')}]"


def _direction(value: str, difference: Difference, change: Change | None) -> str:
    """Colour and word only where the intervals leave no doubt; the paired one is the sharper of the two."""
    word = text("better" if difference.better else "worse")
    if change is not None and change.includes_zero:
        return f":gray[**{value}** {word}, {text('includes_zero')}]"
    if change is None and difference.overlapping:
        return f":gray[**{value}** {word}, {text('overlapping')}]"
    return _coloured(f"**{value}**", bool(difference.better))


def _change(change: Change | None) -> str:
    if change is None or change.low is None or change.high is None:
        return ""
    return f"  {text('paired')} \\[{change.low:+.3f}, {change.high:+.3f}\\] n={change.n}"


def _badge(status: str, label: str) -> str:
    return f":{_COLOURS[status]}-badge[{label}]"


def _why(score: Score) -> str:
    """Where a figure was published, or why there is none; the table of conditions has all of it."""
    told = {"published": score.source, "not run": score.reason}.get(score.status, "")
    return f"{_BREAK}:small[:gray[{_plain(shorten(told, _LONGEST, placeholder='…'))}]]" if told else ""


def _plain(text_: str) -> str:
    """Text that Markdown must not read as a link, a directive or a sign."""
    return _SIGNS.sub(r"\\\1", text_.replace("\n", " "))
