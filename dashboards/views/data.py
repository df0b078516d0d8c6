"""Data: what the models learn from, and what was refused."""

from __future__ import annotations

import streamlit as st

from dashboards import cached, charts
from dashboards.page import choose_run, problems_shown, root, text, title
from dashboards.records import card, files
from dashboards.records.card import DataCard
from dashboards.records.curves import STAGES
from dashboards.records.runs import Run

LONGEST_LIST = 500
HEADINGS = (
    "stage",
    "source",
    "licence",
    "read",
    "kept",
    "refused",
    "reason",
    "count",
    "benchmark",
    "items",
    "images_also_in_training",
)


def page() -> None:
    """Counts, refusals, the card as written."""
    title("data_title")
    run = choose_run()
    with problems_shown():
        data = cached.data_card(root(), run.revision)
        _show_counts(data)
        _show_sources(data)
    with problems_shown():
        _show_refused_samples(run)
    with problems_shown():
        _show_text(run)


def _show_counts(data: DataCard) -> None:
    st.subheader(text("per_source"))
    if data.samples.empty:
        st.info(text("no_sources"))
        return
    rows = int(data.samples.groupby("stage")["source"].nunique().max())
    for box, stage in zip(st.columns(2, gap="large"), STAGES, strict=True):
        of_stage = data.samples[data.samples["stage"] == stage]
        with box:
            st.metric(text(f"samples_{stage}"), f"{of_stage['samples'].sum():,}", border=True)
            if not of_stage.empty:
                st.altair_chart(charts.sample_bars(of_stage, {"samples": text("samples")}, rows), width="stretch")


def _show_sources(data: DataCard) -> None:
    names = {key: text(key) for key in HEADINGS}
    sources = data.sources.assign(stage=[text(stage) for stage in data.sources["stage"]])
    st.dataframe(sources.rename(columns=names), hide_index=True, width="stretch")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(text("refusals"))
        st.metric(text("refused_samples"), f"{data.sources['refused'].sum():,}", border=True)
        if data.reasons.empty:
            st.caption(text("refusals_none"))
        else:
            st.dataframe(data.reasons.rename(columns=names), hide_index=True, width="stretch")
    with right:
        st.subheader(text("benchmarks"))
        st.metric(text("items"), f"{data.benchmarks['items'].sum():,}", border=True)
        st.dataframe(data.benchmarks.rename(columns=names), hide_index=True, width="stretch")


def _show_refused_samples(run: Run) -> None:
    rejects = cached.rejects(root(), run.revision)
    if rejects.empty:
        return
    with st.expander(text("refusals_rows")):
        names = {"source": text("source"), "reason": text("reason")}
        st.dataframe(rejects.head(LONGEST_LIST).rename(columns=names), hide_index=True, width="stretch")


def _show_text(run: Run) -> None:
    content = files.find(root(), run.revision, card.CARD_TEXT).read().decode("utf-8", errors="replace")
    with st.expander(text("card")):
        st.markdown(content)


page()
