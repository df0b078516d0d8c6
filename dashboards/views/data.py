"""Data: what the models learn from, and what was refused."""

from __future__ import annotations

import streamlit as st

from dashboards import cached, charts
from dashboards.page import choose_run, problems_shown, root, text, title
from dashboards.records import card, files
from dashboards.records.curves import STAGES
from dashboards.records.runs import Run

LONGEST_LIST = 500


def page() -> None:
    """Counts, refusals, the card."""
    title("data_title")
    run = choose_run()
    with problems_shown():
        _show_counts(run)
    with problems_shown():
        _show_refusals(run)
    with problems_shown():
        _show_card(run)


def _show_counts(run: Run) -> None:
    counts = cached.sample_counts(root(), run.revision)
    if counts.empty:
        st.info(text("no_shards"))
        return
    st.subheader(text("per_source"))
    labels = {"samples": text("samples")}
    for box, stage in zip(st.columns(2, gap="large"), STAGES, strict=True):
        of_stage = counts[counts["stage"] == stage]
        with box:
            st.metric(text(f"samples_{stage}"), f"{of_stage['samples'].sum():,}", border=True)
            if of_stage.empty:
                continue
            st.altair_chart(charts.sample_bars(of_stage, labels), width="stretch")
            wide = of_stage.pivot(index="source", columns="split", values="samples").fillna(0).astype(int)
            ordered = [split for split in card.SPLITS if split in wide] + sorted(set(wide) - set(card.SPLITS))
            st.dataframe(wide[ordered].rename_axis(text("source")), width="stretch")


def _show_refusals(run: Run) -> None:
    st.subheader(text("refusals"))
    rejects = cached.rejects(root(), run.revision)
    st.metric(text("refused"), f"{len(rejects):,}", border=True, width=240)
    if rejects.empty:
        st.caption(text("refusals_none"))
        return
    keys = [name for name in ("source", "reason") if name in rejects]
    counted = rejects.groupby(keys).size().reset_index(name=text("count")).sort_values(text("count"), ascending=False)
    names = {"source": text("source"), "reason": text("reason")}
    st.dataframe(counted.rename(columns=names), hide_index=True, width="stretch")
    with st.expander(text("refusals_rows")):
        st.dataframe(rejects.head(LONGEST_LIST).rename(columns=names), hide_index=True, width="stretch")


def _show_card(run: Run) -> None:
    content = files.find(root(), run.revision, card.CARD).read().decode("utf-8", errors="replace")
    with st.expander(text("card")):
        st.markdown(content)


page()
