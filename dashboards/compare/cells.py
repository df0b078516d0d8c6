"""What stands in the cells that tell two models apart."""

from __future__ import annotations

from dashboards.compare.column import Column
from dashboards.compare.found import Found
from dashboards.figures import difference_cell, number, paired_cell, refusal_cell
from dashboards.records.comparison import Comparison, Line, Refusal
from dashboards.records.differences import difference

NOTHING = "–"
_UNBROKEN = "\N{NO-BREAK SPACE}"


def difference_between(first: Column, second: Column, found: Found, line: Line) -> str:
    """The difference by the best that is known: paired and tested, paired, or that of two figures; or why none."""
    compared = found.compared.get(line)
    if isinstance(compared, Refusal):
        return refusal_cell(compared)
    if compared is not None and compared.difference.value is not None:
        return paired_cell(compared, found.significance)
    return difference_cell(difference(first.find(*line), second.find(*line)), found.changes.get(line))


def counts_cell(found: Found, line: Line) -> str:
    """Units on which the first model is better, as good, worse."""
    compared = found.compared.get(line)
    if not isinstance(compared, Comparison):
        return NOTHING
    return f"{compared.wins:,} / {compared.ties:,} / {compared.losses:,}".replace(" ", _UNBROKEN)


def smallest_cell(found: Found, line: Line) -> str:
    """The smallest difference that can be seen."""
    compared = found.compared.get(line)
    if not isinstance(compared, Comparison) or compared.smallest_visible is None:
        return NOTHING
    return number(compared.smallest_visible)
