"""Tables of figures with their differences, by category of the suite."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboards.compare.bars import show_charts
from dashboards.compare.cells import counts_cell, difference_between, smallest_cell
from dashboards.compare.column import Column
from dashboards.compare.found import Found
from dashboards.figures import metric_cell, score_cell
from dashboards.page import text
from dashboards.records.comparison import Comparison, Line
from dashboards.records.scores import CATEGORIES, LATENCY, Score, lines


def show_categories(columns: Sequence[Column], found: Found, colours: dict[str, str]) -> None:
    """A table and its charts for each category; the second column is the one that differences are to."""
    rows = columns[0].scores.rows
    special = {(row.benchmark, row.metric) for row in rows if not row.is_usual}
    for category in CATEGORIES:
        keys = [(benchmark, metric) for group, benchmark, metric in lines(rows) if group == category]
        if not keys:
            continue
        st.subheader(text(f"category_{category}"))
        if category == LATENCY:
            st.caption(text("latency_help"))
        usual = [key for key in keys if key not in special]
        _show_table(usual, columns, found)
        show_charts(usual, columns, colours)
        _show_special([key for key in keys if key in special], columns, found)


def _show_special(keys: Sequence[Line], columns: Sequence[Column], found: Found) -> None:
    """Speeds of special situations, of which there are many."""
    if keys:
        with st.expander(text("other_situations")):
            _show_table(keys, columns, found)


def _show_table(keys: Sequence[Line], columns: Sequence[Column], found: Found) -> None:
    """The two columns that are compared, what is between them, then the standing baseline."""
    first, second, *others = columns
    table = pd.DataFrame({text("benchmark"): [benchmark for benchmark, _ in keys]})
    table[text("metric")] = [metric_cell(_example(key, columns)) for key in keys]
    for column in (first, second):
        table[column.heading] = [score_cell(column.find(*key)) for key in keys]
    heading = text("difference_to", name=second.name)
    table[heading] = [difference_between(first, second, found, key) for key in keys]
    if any(isinstance(found.compared.get(key), Comparison) for key in keys):
        table[text("win_tie_loss")] = [counts_cell(found, key) for key in keys]
        table[text("smallest")] = [smallest_cell(found, key) for key in keys]
    for column in others:
        table[column.heading] = [score_cell(column.find(*key)) for key in keys]
    st.table(table, border="horizontal", hide_index=True)


def _example(key: Line, columns: Sequence[Column]) -> Score:
    """A figure that says what the line is about, if possible of a column's model."""
    found = [column.find(*key) for column in columns]
    others = [row for row in columns[0].scores.rows if (row.benchmark, row.metric) == key]
    return next(score for score in [*found, *others] if score is not None)
