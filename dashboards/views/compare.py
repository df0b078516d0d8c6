"""Compare: one run beside a baseline, benchmark by benchmark."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import cached, charts
from dashboards.figures import difference_cell, metric_cell, score_cell
from dashboards.page import (
    choose_run,
    legend,
    problems_shown,
    root,
    run_label,
    runs_to_choose,
    show_problem,
    text,
    title,
)
from dashboards.records.problem import RecordError
from dashboards.records.runs import Run
from dashboards.records.scores import (
    BASELINE,
    CATEGORIES,
    FINETUNE,
    PRETRAIN,
    Change,
    Score,
    difference,
    lines,
    lookup,
    subjects,
)

Changes = dict[tuple[str, str], Change]
Column = tuple[str, list[Score], str]  # heading, scores of the run it comes from, subject in them


def page() -> None:
    """The comparison by category."""
    title("compare_title", "compare_intro")
    run_box, against_box = st.columns(2)
    with run_box:
        run = choose_run()
    with problems_shown():
        scores = cached.score_rows(root(), run.revision)
        if not scores:
            st.info(text("compare_empty"))
            return
        with against_box:
            against = _choose_against(run, scores)
        _show(scores, run, against)


def _choose_against(run: Run, scores: list[Score]) -> Column:
    """The other side: a baseline, stage 1, or stage 2 of another run."""
    names = [name for name in subjects(scores) if name != FINETUNE]
    options: list[str | Run] = sorted(names, key=lambda name: name != BASELINE)
    options += [other for other in runs_to_choose() if other.revision != run.revision]
    choice = st.selectbox(text("compare_against"), options, format_func=_option_label)
    if isinstance(choice, str):
        return (_subject_label(choice), scores, choice)
    return (run_label(choice), cached.score_rows(root(), choice.revision), FINETUNE)


def _option_label(option: str | Run) -> str:
    return _subject_label(option) if isinstance(option, str) else f"{text('run')}: {run_label(option)}"


def _subject_label(subject: str) -> str:
    return text(subject) if subject in (FINETUNE, PRETRAIN) else subject


def _show(scores: list[Score], run: Run, against: Column) -> None:
    columns: list[Column] = [(f"{run_label(run)}: {text(FINETUNE)}", scores, FINETUNE)]
    # KoLLaVA-7B has its column always.
    baseline: Column = (BASELINE, scores, BASELINE)
    columns += [baseline] if against == baseline else [against, baseline]
    colours = dict(zip((heading for heading, _, _ in columns), charts.COLOURS, strict=False))
    st.html(legend(colours))
    changes = _changes(run) if columns[1] == (text(PRETRAIN), scores, PRETRAIN) else {}
    for category in CATEGORIES:
        keys = [(benchmark, metric) for group, benchmark, metric in lines(scores) if group == category]
        if keys:
            st.subheader(text(f"category_{category}"))
            st.table(_table(keys, columns, changes), border="horizontal", hide_index=True)
            _show_charts(keys, columns, colours)
    with st.expander(text("condition")):
        st.dataframe(_conditions(columns), hide_index=True, width="stretch")


def _changes(run: Run) -> Changes:
    """The paired changes from stage 1 to stage 2; none where evaluate has not written them."""
    try:
        return cached.stage_changes(root(), run.revision)
    except RecordError as problem:
        show_problem(problem)
        return {}


def _table(keys: list[tuple[str, str]], columns: list[Column], changes: Changes) -> pd.DataFrame:
    rows = []
    for benchmark, metric in keys:
        found = [lookup(scores, subject, benchmark, metric) for _, scores, subject in columns]
        shown = next(score for score in [*found, *_any(columns, benchmark, metric)] if score is not None)
        row = {text("benchmark"): benchmark, text("metric"): metric_cell(shown)}
        row |= {heading: score_cell(score) for (heading, _, _), score in zip(columns, found, strict=True)}
        row[text("difference_to", name=columns[1][0])] = difference_cell(
            difference(found[0], found[1]), changes.get((benchmark, metric))
        )
        rows.append(row)
    return pd.DataFrame(rows)


def _any(columns: list[Column], benchmark: str, metric: str) -> list[Score]:
    return [row for row in columns[0][1] if (row.benchmark, row.metric) == (benchmark, metric)]


def _show_charts(keys: list[tuple[str, str]], columns: list[Column], colours: dict[str, str]) -> None:
    """A chart a metric, as metrics have different scales; nothing where nothing has a value."""
    metrics = list(dict.fromkeys(metric for _, metric in keys))
    tables = {metric: _bars(keys, metric, columns) for metric in metrics}
    tables = {metric: table for metric, table in tables.items() if not table.empty}
    for start in range(0, len(tables), 2):
        boxes = st.columns(2)
        for box, (metric, table) in zip(boxes, list(tables.items())[start : start + 2], strict=False):
            box.altair_chart(charts.score_bars(table, metric, colours), width="stretch")


def _bars(keys: list[tuple[str, str]], metric: str, columns: list[Column]) -> pd.DataFrame:
    rows = []
    for benchmark in [name for name, of in keys if of == metric]:
        for heading, scores, subject in columns:
            score = lookup(scores, subject, benchmark, metric)
            if score is not None and score.value is not None:
                rows.append(
                    {
                        "benchmark": benchmark,
                        "subject": heading,
                        "value": score.value,
                        "low": score.low,
                        "high": score.high,
                        "n": score.n,
                        "measured": score.status == "measured",
                    }
                )
    return pd.DataFrame(rows)


def _conditions(columns: list[Column]) -> pd.DataFrame:
    rows = []
    for heading, scores, subject in columns:
        for score in scores:
            if score.subject == subject:
                versions = ", ".join(f"{name}={value}" for name, value in score.versions.items())
                rows.append(
                    {
                        text("subject"): heading,
                        text("benchmark"): score.benchmark,
                        text("metric"): score.metric,
                        text("state"): text(score.status),
                        text("source"): score.source,
                        text("reason"): score.reason,
                        text("condition"): score.condition,
                        text("versions"): versions,
                    }
                )
    return pd.DataFrame(rows)


page()
