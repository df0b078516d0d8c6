"""Speed of all models, a table for each way in which they were timed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.layout import NOTHING, number, plain, table
from components.evaluate.comparison.report.pairs import arrowed
from components.evaluate.comparison.report.texts import Language, translate
from components.evaluate.latency.rates import VARIANTS
from components.evaluate.rows import Row

LATENCY = "latency"


def latency_section(contents: Contents, language: Language) -> Iterator[str]:
    """Medians, and what one answer in twenty is above or below."""
    rows = [row for row in contents.measured() if row.category == LATENCY]
    if rows:
        yield from (f"## {translate('latency', language)}", "", translate("latency_intro", language), "")
    for condition in dict.fromkeys(row.condition for row in rows):
        yield from (f"**{plain(condition)}**", "")
        yield from _table([row for row in rows if row.condition == condition], contents.subjects, language)


def _table(rows: Sequence[Row], subjects: Sequence[str], language: Language) -> Iterator[str]:
    cells = {(row.metric, row.subject): row for row in rows}
    present = [subject for subject in subjects if any(row.subject == subject for row in rows)]
    metrics = {row.metric: row.higher_is_better for row in rows}
    yield from table(
        [translate("metric", language), *map(plain, present)],
        (
            [
                arrowed(_plain_name(metric), is_higher_better, language),
                *(_spread(cells.get((metric, s))) for s in present),
            ]
            for metric, is_higher_better in metrics.items()
        ),
    )


def _plain_name(metric: str) -> str:
    """Without the ending that says how it was timed: the table's heading does."""
    shorter = metric
    for ending in reversed(VARIANTS):
        shorter = shorter.removesuffix(ending)
    return shorter


def _spread(row: Row | None) -> str:
    if row is None:
        return NOTHING
    return f"{number(row.value)} ({number(row.details['p5'])}–{number(row.details['p95'])})"
