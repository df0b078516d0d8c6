"""Loss curves: both stages, one run or several."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import cached, charts
from dashboards.page import problems_shown, root, run_label, runs_to_choose, show_problem, text, title
from dashboards.records.curves import STAGES
from dashboards.records.problem import RecordError
from dashboards.records.runs import Run

REFRESH_SECONDS = 10


def page() -> None:
    """Both stages side by side."""
    title("curves_title", "curves_intro")
    choice, options = st.columns([5, 2], vertical_alignment="bottom")
    every = runs_to_choose()
    runs = choice.multiselect(text("runs"), every, default=every[:1], format_func=run_label)
    log = options.toggle(text("log_scale"))
    live = options.toggle(text("live"))
    if not runs:
        st.info(text("curves_pick"))
        return
    st.fragment(_show, run_every=REFRESH_SECONDS if live else None)(runs, log)


def _show(runs: list[Run], log: bool) -> None:
    for box, stage in zip(st.columns(2, gap="large"), STAGES, strict=True):
        with box, problems_shown():
            st.subheader(text(stage))
            _show_stage(stage, runs, log)


def _show_stage(stage: str, runs: list[Run], log: bool) -> None:
    training = _gather(cached.training, stage, runs)
    if training.empty:
        st.info(text("curves_no_rows"))
        return
    validation = _gather(cached.validation, stage, runs)
    both = pd.concat([training.assign(kind=text("training")), validation.assign(kind=text("validation"))])
    labels = {key: text(key) for key in ("step", "loss", "learning_rate", "training", "validation")}
    wanted = ["run", "kind", "step", "loss"]
    st.altair_chart(charts.loss_lines(both[wanted], labels, log), width="stretch")
    st.altair_chart(charts.rate_lines(training[["run", "step", "learning_rate"]], labels), width="stretch")


def _gather(read: cached.CurveReader, stage: str, runs: list[Run]) -> pd.DataFrame:
    """The logs of all runs that have one; a message for each other."""
    tables = []
    for run in runs:
        try:
            tables.append(read(root(), run.revision, stage).assign(run=run_label(run)))
        except RecordError as problem:
            show_problem(problem)
    return pd.concat(tables) if tables else pd.DataFrame()


page()
