"""Data: what the models learn from, and what was refused."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import cached, charts
from dashboards.illustrated import show_text
from dashboards.mixture import mixture_bars
from dashboards.page import choose_run, language, problems_shown, root, text, title
from dashboards.records import card
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
    "same_image",
    "near_image",
    "same_question",
    "removed",
    "questions_also_in_training",
    "earlier",
    "images",
)


def page() -> None:
    """What the licences forbid, counts, the mixture, what was found and refused, the card as written."""
    title("data_title")
    run = choose_run()
    with problems_shown():
        data = cached.data_card(root(), run.revision)
        _show_warnings(data)
        _show_counts(data)
        _show_mixture(data)
        _show_sources(data)
        _show_comparisons(data)
        _show_licences(data)
    with problems_shown():
        _show_refused_samples(run)
    with problems_shown():
        show_text(run, card.CARD_TEXT, card.PICTURES, text("card"))


def _show_warnings(data: DataCard) -> None:
    for commercial, key, show in (("no", "non_commercial", st.warning), ("ask", "ask_first", st.info)):
        sources = [name for name in data.licences.loc[data.licences["commercial"] == commercial, "sources"] if name]
        if sources:
            show(text(key, sources=", ".join(sources)))


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


def _show_mixture(data: DataCard) -> None:
    if data.mixture.empty:
        return
    st.subheader(text("mixture"))
    st.caption(text("mixture_help"))
    labels = {key: text(key) for key in ("samples", "tokens", "share", "amount", "times_shown", "source")}
    for box, stage in zip(st.columns(2, gap="large"), STAGES, strict=True):
        parts = data.mixture[data.mixture["stage"] == stage]
        if not parts.empty:
            box.markdown(f"**{text(stage)}**")
            box.altair_chart(mixture_bars(parts, labels), width="stretch")


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


def _show_comparisons(data: DataCard) -> None:
    if not data.duplicates and data.leaks.empty:
        return
    names = {key: text(key) for key in HEADINGS}
    st.subheader(text("duplicates_and_leaks"))
    if data.duplicates:
        st.markdown(text("duplicates_found", **data.duplicates))
    if not data.shared.empty:
        st.dataframe(data.shared.rename(columns=names), hide_index=True, width="stretch")
    if not data.leaks.empty:
        shown = data.leaks.rename(columns={**names, "samples": text("found_samples")})
        st.dataframe(shown, hide_index=True, width="stretch")


def _show_licences(data: DataCard) -> None:
    if data.licences.empty:
        return
    st.subheader(text("licences"))
    licences = data.licences
    st.table(
        pd.DataFrame(
            {
                text("licence"): licences["title"],
                text("commercial"): [text(f"commercial_{commercial}") for commercial in licences["commercial"]],
                text("sources"): licences["sources"],
                text("conditions"): licences[language()],
                text("link"): licences["link"],
            }
        ).set_index(text("licence"))
    )


def _show_refused_samples(run: Run) -> None:
    rejects = cached.rejects(root(), run.revision)
    if rejects.empty:
        return
    with st.expander(text("refusals_rows")):
        names = {"source": text("source"), "reason": text("reason")}
        st.dataframe(rejects.head(LONGEST_LIST).rename(columns=names), hide_index=True, width="stretch")


page()
