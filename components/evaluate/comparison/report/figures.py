"""Figures of all models: measured here, published, and by which versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from components.evaluate.comparison.answers import VERSIONS
from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.latency import LATENCY
from components.evaluate.comparison.report.layout import NOTHING, bracketed, number, plain, table
from components.evaluate.comparison.report.pairs import arrowed
from components.evaluate.comparison.report.texts import Language, metric_name, translate
from components.evaluate.rows import Row

_DIGEST = 12
"""Characters of a digest that the report shows."""


def compared_section(contents: Contents, language: Language) -> Iterator[str]:
    """Who and what, and on how many units."""
    say = partial(translate, language=language)
    yield from (f"## {say('compared')}", "", say("compared_intro"), "")
    labels = contents.labels
    yield from table(
        [say("model"), say("label")],
        ([plain(name), plain(labels.get(name, say("own")))] for name in contents.subjects),
    )
    yield from table(
        [say("benchmark"), say("category"), say("metrics_and_units")],
        (
            [plain(name), say(f"category_{rows[0].category}"), _metrics(rows, language)]
            for name, rows in _by_benchmark(_rated(contents)).items()
        ),
    )


def figures_section(contents: Contents, language: Language) -> Iterator[str]:
    """Every model's figures in one table."""
    if rows := _rated(contents):
        yield from _matrix(rows, contents.subjects, language)


def published_section(contents: Contents, language: Language) -> Iterator[str]:
    """Figures of others with their sources."""
    say = partial(translate, language=language)
    rows = [row for row in contents.rows if row.status == "published"]
    if rows:
        yield from (f"## {say('published')}", "", say("published_intro"), "")
    yield from table(
        [say(name) for name in ("benchmark", "metric", "model", "value", "source", "condition")],
        (
            [
                plain(row.benchmark),
                plain(metric_name(row.metric, language)),
                plain(row.subject),
                number(row.value),
                plain(row.source),
                plain(row.condition),
            ]
            for row in sorted(rows, key=lambda row: (row.benchmark, row.metric))
        ),
    )


def versions_section(contents: Contents, language: Language) -> Iterator[str]:
    """By what each benchmark's figures were measured; models that share it stand together."""
    say = partial(translate, language=language)
    found: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for row in contents.measured():
        versions = (getattr(row.versions, name) for name in VERSIONS)
        found[(row.benchmark, *versions)][row.subject] = None
    if found:
        yield from (f"## {say('versions')}", "", say("versions_intro"), "")
    yield from table(
        [say("benchmark"), say("model"), *(say(f"versions_{name}") for name in VERSIONS)],
        (
            [plain(benchmark), ", ".join(map(plain, subjects)), plain(items[:_DIGEST]), *map(plain, others)]
            for (benchmark, items, *others), subjects in found.items()
        ),
    )


def _rated(contents: Contents) -> list[Row]:
    """Measured figures but for speed."""
    return [row for row in contents.measured() if row.category != LATENCY]


def _by_benchmark(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.benchmark].append(row)
    return found


def _metrics(rows: Sequence[Row], language: Language) -> str:
    """Each with its units: the most that any model has."""
    most: dict[str, int] = {}
    for row in rows:
        most[row.metric] = max(most.get(row.metric, 0), row.n or 0)
    return ", ".join(f"{plain(metric_name(metric, language))} ({count:,})" for metric, count in most.items())


def _matrix(rows: Sequence[Row], subjects: Sequence[str], language: Language) -> Iterator[str]:
    """Models as columns."""
    cells = {(row.benchmark, row.metric, row.subject): row for row in rows}
    lines: dict[tuple[str, str], Row] = {}
    for row in rows:
        lines.setdefault((row.benchmark, row.metric), row)
    yield from table(
        [translate("benchmark", language), translate("metric", language), *map(plain, subjects)],
        (
            [
                plain(benchmark),
                _metric(row, language),
                *(_value(cells.get((benchmark, metric, subject))) for subject in subjects),
            ]
            for (benchmark, metric), row in lines.items()
        ),
    )


def _metric(row: Row, language: Language) -> str:
    name = arrowed(row.metric, row.higher_is_better, language)
    chance = row.details.get("chance")
    return name if chance is None else f"{name} ({translate('chance', language)} {number(chance)})"


def _value(row: Row | None) -> str:
    return NOTHING if row is None else bracketed(row.value, row.low, row.high)
