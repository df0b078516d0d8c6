"""Runs: every commit and experiment that DVC knows, with its figures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import cached
from dashboards.page import DEFAULT_COMMITS, problems_shown, root, run_label, show_problem, text, title
from dashboards.records.problem import RecordError
from dashboards.records.runs import COMMAND, Run, is_empty

PARAMS = {"profile": "profile", "seed": "seed", "lora_rank": "finetune.lora.rank"}
# Shown first; the others can be added.
PREFERRED = ("pretrain.validation_loss", "finetune.validation_loss", "evaluate.finetune.", "export.int8.size_mb")
MOST_METRICS = 8


def page() -> None:
    """The table of runs with its filters."""
    title("runs_title", "runs_intro")
    with problems_shown():
        filters = st.columns([3, 3, 4, 2, 2], vertical_alignment="bottom")
        commits = filters[4].number_input(text("runs_commits"), 1, 1000, DEFAULT_COMMITS)
        listed = cached.runs(root(), int(commits))
        runs = [run for run in listed if not is_empty(run)]
        if not runs:
            st.info(text("runs_none"))
            return
        _show_failed(runs)
        chosen = _filtered(runs, filters)
        if not chosen:
            st.info(text("runs_no_match"))
            return
        _show_table(chosen, filters)


def _show_failed(runs: list[Run]) -> None:
    for run in runs:
        if run.error:
            show_problem(RecordError("tool", f"{COMMAND} · {run_label(run)}", run.error))


def _filtered(runs: list[Run], filters: list[st.delta_generator.DeltaGenerator]) -> list[Run]:
    wanted = filters[0].text_input(text("runs_filter")).strip().lower()
    profiles = sorted({str(run.params["profile"]) for run in runs if "profile" in run.params})
    chosen = filters[1].multiselect(text("runs_profile"), profiles, placeholder=text("all"))
    return [
        run
        for run in runs
        if wanted in run_label(run).lower() and (not chosen or str(run.params.get("profile")) in chosen)
    ]


def _show_table(runs: list[Run], filters: list[st.delta_generator.DeltaGenerator]) -> None:
    metrics = list(dict.fromkeys(key for run in runs for key in run.metrics))
    values = [key for key in metrics if not key.endswith(("_low", "_high"))]
    preferred = [key for start in PREFERRED for key in values if key.startswith(start)][:MOST_METRICS]
    with st.expander(text("runs_columns")):
        shown = st.multiselect(text("runs_columns"), metrics, preferred, label_visibility="collapsed")
    table = _table(runs, shown)
    sort_by = filters[2].selectbox(text("runs_sort"), table.columns, index=None, placeholder="-")
    descending = filters[3].toggle(text("runs_descending"), value=True)
    if sort_by is not None:
        table = table.sort_values(sort_by, ascending=not descending, na_position="last")
    st.dataframe(table, hide_index=True, width="stretch", height="content", column_config=_formats(shown))


def _table(runs: list[Run], metrics: list[str]) -> pd.DataFrame:
    rows = []
    for run in runs:
        row: dict[str, object] = {
            text("name"): run_label(run),
            text("kind"): text(run.kind),
            text("created"): run.created,
            text("state"): run.state,
        }
        row |= {text(label): run.params.get(key) for label, key in PARAMS.items()}
        row |= {_heading(key): run.metrics.get(key) for key in metrics}
        rows.append(row)
    table = pd.DataFrame(rows)
    return table if any(run.state for run in runs) else table.drop(columns=text("state"))


def _heading(metric: str) -> str:
    return metric.removeprefix("evaluate.").replace(".", " · ")


def _formats(metrics: list[str]) -> dict[str, Any]:
    return {_heading(key): st.column_config.NumberColumn(format="%.4g", help=key) for key in metrics}


page()
