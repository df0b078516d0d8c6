"""Compare: a run's model beside a baseline, benchmark by benchmark."""

from __future__ import annotations

import streamlit as st

from dashboards import cached, charts
from dashboards.compare.column import Column
from dashboards.compare.conditions import conditions_table
from dashboards.compare.found import Found, found_between
from dashboards.compare.parts import show_parts
from dashboards.compare.report import show_report
from dashboards.compare.tables import show_categories
from dashboards.page import (
    choose_run,
    legend,
    model_name,
    problems_shown,
    root,
    run_label,
    runs_to_choose,
    text,
    title,
)
from dashboards.records.runs import Run
from dashboards.records.scores import BASELINE, Scores, rivals


def page() -> None:
    """The comparison by category, by category of items, and in words."""
    title("compare_title", "compare_intro")
    run_box, against_box = st.columns(2)
    with run_box:
        run = choose_run()
    with problems_shown():
        scores = cached.run_scores(root(), run.revision)
        if not scores.rows:
            st.info(text("compare_empty"))
            return
        with against_box:
            against = _choose_against(run, scores)
        _show(_columns(run, scores, against))
        show_report(run)


def _choose_against(run: Run, scores: Scores) -> Column:
    """The other side: another model of the run, or the own model of another run."""
    options: list[str | Run] = [*rivals(scores)]
    options += [other for other in runs_to_choose() if other.revision != run.revision]
    choice = st.selectbox(text("compare_against"), options, format_func=_option_label)
    if isinstance(choice, str):
        return Column(model_name(choice), run.revision, scores, choice)
    others = cached.run_scores(root(), choice.revision)
    return Column(run_label(choice), choice.revision, others, others.main)


def _option_label(option: str | Run) -> str:
    return model_name(option) if isinstance(option, str) else f"{text('run')}: {run_label(option)}"


def _columns(run: Run, scores: Scores, against: Column) -> list[Column]:
    """The run's own model, the other side, and the standing baseline always."""
    own = Column(f"{run_label(run)}: {model_name(scores.main)}", run.revision, scores, scores.main)
    baseline = Column(BASELINE, run.revision, scores, BASELINE)
    return [own, baseline] if against.name == BASELINE else [own, against, baseline]


def _show(columns: list[Column]) -> None:
    colours = dict(zip((column.name for column in columns), charts.COLOURS, strict=False))
    labels = {column.name: column.label for column in columns if column.label}
    st.html(legend({f"{name}: {labels[name]}" if name in labels else name: colour for name, colour in colours.items()}))
    first, second = columns[:2]
    found = found_between(first, second)
    st.caption(_how_to_read(found))
    show_categories(columns, found, colours)
    show_parts(first, second, found)
    with st.expander(text("condition")):
        st.dataframe(conditions_table(columns), hide_index=True, width="stretch")


def _how_to_read(found: Found) -> str:
    if found.compared:
        return text("compared_help", significance=f"{found.significance:.2g}")
    return text("changes_help" if found.changes else "unpaired_help")


page()
