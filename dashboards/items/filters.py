"""Which items are shown."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from dashboards.items.shown import Shown
from dashboards.page import text
from dashboards.records.examples import ahead


def filtered(shown: Shown) -> pd.DataFrame:
    """The items that the page's filters leave."""
    table = _by_category(shown.table)
    score = f"score_{shown.models[0].subject}"
    if score not in table or table.empty:
        return table
    table = _by_verdict(table, shown, score)
    return table if shown.is_binary else _by_range(table, shown, score)


def _by_category(table: pd.DataFrame) -> pd.DataFrame:
    known = sorted(table["category"].dropna().unique())
    categories = st.multiselect(text("category"), known, placeholder=text("all"))
    return table[table["category"].isin(categories)] if categories else table


def _by_verdict(table: pd.DataFrame, shown: Shown, score: str) -> pd.DataFrame:
    """By right and wrong, and by how the first model's answer stands to the second's."""
    masks = {"all": pd.Series(True, index=table.index)}
    if shown.is_binary:
        masks |= {"right": table[score] == 1, "wrong": table[score] == 0}
    masks |= _beside(table, shown)
    if len(masks) == 1:
        return table
    other = shown.models[1].name if len(shown.models) > 1 else ""
    verdict = st.segmented_control(
        text("verdict" if shown.is_binary else "beside"),
        list(masks),
        format_func=lambda name: text(name, other=other),
        default="all",
        required=True,
    )
    return table[masks[verdict]]


def _beside(table: pd.DataFrame, shown: Shown) -> dict[str, pd.Series]:
    if len(shown.models) < 2:
        return {}
    first, second = (model.subject for model in shown.models[:2])
    if f"score_{second}" not in table:
        return {}
    better, worse = ("fixed", "broken") if shown.is_binary else ("ahead", "behind")
    return {
        better: ahead(table, first, second, shown.lower_is_better),
        worse: ahead(table, second, first, shown.lower_is_better),
    }


def _by_range(table: pd.DataFrame, shown: Shown, score: str) -> pd.DataFrame:
    """A slider over all scores of the benchmark, so that other filters do not move its ends."""
    low, high = float(shown.table[score].min()), float(shown.table[score].max())
    if math.isnan(low) or low == high:
        return table
    chosen = st.slider(text("score_range", name=shown.models[0].name), low, high, (low, high))
    return table[table[score].between(*chosen)] if chosen != (low, high) else table
