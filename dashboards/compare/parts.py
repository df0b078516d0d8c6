"""Two models by category of a benchmark's items."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards.compare.cells import NOTHING
from dashboards.compare.column import Column
from dashboards.compare.found import Found
from dashboards.figures import difference_cell, estimate_cell, value_cell
from dashboards.page import text
from dashboards.records.comparison import Comparison, Line
from dashboards.records.differences import difference
from dashboards.records.scores import Score


def show_parts(first: Column, second: Column, found: Found) -> None:
    """An expander with a benchmark to choose; nothing where no figure is divided."""
    divided = [(row.benchmark, row.metric) for row in first.scores.rows if _is_divided(row, first)]
    if not divided:
        return
    with st.expander(text("by_category")):
        line = st.selectbox(text("benchmark"), divided, format_func=" · ".join)
        st.table(_table(first, second, found, line), border="horizontal", hide_index=True)
        st.caption(text("by_category_help"))


def _is_divided(row: Score, column: Column) -> bool:
    return row.subject == column.subject and bool(row.categories)


def _table(first: Column, second: Column, found: Found, line: Line) -> pd.DataFrame:
    mine, other = _parts(first, line), _parts(second, line)
    rows = []
    for name, score in mine.items():
        beside = other.get(name)
        row = {text("category"): name, first.heading: value_cell(score)}
        row[second.heading] = value_cell(beside) if beside is not None else NOTHING
        row[text("difference_to", name=second.name)] = _difference(name, score, beside, second, found, line)
        rows.append(row)
    return pd.DataFrame(rows)


def _difference(name: str, mine: Score, other: Score | None, second: Column, found: Found, line: Line) -> str:
    """Paired where evaluate compared the two, and of the two figures otherwise."""
    compared = found.compared.get(line)
    if isinstance(compared, Comparison) and name in compared.categories:
        return estimate_cell(compared.categories[name], compared.higher_is_better)
    # A category has no row of its own; why there is no figure stands in that of the whole.
    return difference_cell(difference(mine, other or second.find(*line)))


def _parts(column: Column, line: Line) -> dict[str, Score]:
    score = column.find(*line)
    return score.categories if score is not None else {}
