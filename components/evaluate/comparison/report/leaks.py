"""Scores with and without the items that training shows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from components.evaluate.comparison.leaks import LeakEffect, LeakFigure
from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.layout import NOTHING, bracketed, plain, table
from components.evaluate.comparison.report.texts import Language, metric_name, translate
from components.evaluate.comparison.results import Figure


def leaks_section(contents: Contents, language: Language) -> Iterator[str]:
    """Counts of every benchmark, and figures of those whose items are still in training."""
    if not contents.leaks:
        return
    say = partial(translate, language=language)
    yield from (f"## {say('leaks')}", "", say("leaks_intro"), "")
    yield from table(
        [say(name) for name in ("benchmark", "items", "found", "kinds", "left")],
        (
            [plain(leak.benchmark), f"{leak.items:,}", f"{leak.found:,}", _kinds(leak), f"{leak.left:,}"]
            for leak in contents.leaks
        ),
    )
    yield from table(
        [say(name) for name in ("benchmark", "model", "metric", "with_leaks", "without_leaks")],
        (
            [
                plain(leak.benchmark),
                plain(figure.subject),
                plain(metric_name(figure.metric, language)),
                _with_units(figure.all, figure.units),
                _with_units(figure.without, figure.units_without),
            ]
            for leak in contents.leaks
            for figure in _affected(leak)
        ),
    )


def _affected(leak: LeakEffect) -> list[LeakFigure]:
    return leak.figures if leak.left else []


def _kinds(leak: LeakEffect) -> str:
    return ", ".join(f"{plain(kind)} {count:,}" for kind, count in leak.kinds.items()) or NOTHING


def _with_units(figure: Figure, units: int) -> str:
    return f"{bracketed(figure.value, figure.low, figure.high)} (n = {units:,})"
