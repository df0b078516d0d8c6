"""Charts of figures side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboards import charts
from dashboards.compare.column import Column
from dashboards.records.comparison import Line

_MOST_BESIDE = 3
"""Charts in a row."""


def show_charts(keys: Sequence[Line], columns: Sequence[Column], colours: dict[str, str]) -> None:
    """A chart a metric, as metrics have different scales; nothing where nothing has a value."""
    metrics = dict.fromkeys(metric for _, metric in keys)
    tables = {metric: _bars([name for name, of in keys if of == metric], metric, columns) for metric in metrics}
    drawn = [(metric, table) for metric, table in tables.items() if not table.empty]
    beside = min(max(len(drawn), 2), _MOST_BESIDE)
    for start in range(0, len(drawn), beside):
        for box, (metric, table) in zip(st.columns(beside), drawn[start : start + beside], strict=False):
            box.altair_chart(charts.score_bars(table, metric, colours), width="stretch")


def _bars(benchmarks: Sequence[str], metric: str, columns: Sequence[Column]) -> pd.DataFrame:
    rows = []
    for benchmark in benchmarks:
        for column in columns:
            score = column.find(benchmark, metric)
            if score is not None and score.value is not None:
                rows.append(
                    {
                        "benchmark": benchmark,
                        "subject": column.name,
                        "value": score.value,
                        "low": score.low,
                        "high": score.high,
                        "n": score.n,
                        "measured": score.status == "measured",
                    }
                )
    return pd.DataFrame(rows)
