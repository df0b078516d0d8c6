"""What has no figure, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.layout import plain, table
from components.evaluate.comparison.report.texts import Language, metric_name, translate
from components.evaluate.rows import Row


def no_figure_section(contents: Contents, language: Language) -> Iterator[str]:
    """One line a reason, with all that it concerns."""
    say = partial(translate, language=language)
    rows = [row for row in contents.rows if row.status in ("not run", "missing")]
    if rows:
        yield from (f"## {say('no_figure')}", "")
    yield from table(
        [say(name) for name in ("model", "state", "reason", "concerns")],
        (
            [", ".join(map(plain, subjects)), say(found[0].status), plain(found[0].reason), _concerned(found, language)]
            for subjects, found in _by_reason(rows)
        ),
    )


def _by_reason(rows: Sequence[Row]) -> Iterator[tuple[list[str], list[Row]]]:
    """Rows that share status and reason, with everyone whom it concerns."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row.status, row.reason].append(row)
    for own in found.values():
        yield list(dict.fromkeys(row.subject for row in own)), own


def _concerned(rows: Sequence[Row], language: Language) -> str:
    metrics: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        metrics[row.benchmark][metric_name(row.metric, language)] = None
    return "; ".join(f"{plain(name)}: {', '.join(map(plain, found))}" for name, found in metrics.items())
