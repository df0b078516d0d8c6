"""Examples: what was asked, what was wanted, what the chosen models answered."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from dashboards import cached
from dashboards.items.card import show_item
from dashboards.items.filters import filtered
from dashboards.items.shown import BOX_COLOURS, Model, Shown
from dashboards.page import choose_run, model_name, problems_shown, root, show_problem, text, title
from dashboards.records import examples, files
from dashboards.records.problem import RecordError
from dashboards.records.runs import Run
from dashboards.records.scores import PRETRAIN, Scores

PAGE_SIZE = 5


def page() -> None:
    """Run, benchmark and models to choose, filters, then one card an item."""
    title("examples_title")
    run_box, benchmark_box = st.columns(2)
    with run_box:
        run = choose_run()
    with problems_shown():
        names = files.names(root(), run.revision, examples.PREDICTIONS)
        benchmarks = examples.benchmarks_in(names)
        if not benchmarks:
            st.info(text("no_benchmarks"))
            return
        benchmark = benchmark_box.selectbox(text("benchmark"), benchmarks)
        scores = _scores(run)
        models = _choose_models(examples.subjects_in(names), scores)
        if not models:
            st.info(text("models_none"))
            return
        shown = _read(run, benchmark, models, scores)
        _show_page(shown)


def _scores(run: Run) -> Scores:
    try:
        return cached.run_scores(root(), run.revision)
    except RecordError:  # predictions are written before scores
        return Scores([])


def _choose_models(subjects: Sequence[str], scores: Scores) -> list[Model]:
    """The run's own model and that of stage 1, or others with answers."""
    own = [name for name in dict.fromkeys((scores.main, PRETRAIN)) if name in subjects]
    options = [*own, *(name for name in subjects if name not in own)]
    chosen = st.multiselect(
        text("models"),
        options,
        own or options[:1],
        format_func=model_name,
        max_selections=len(BOX_COLOURS),
        help=text("models_help"),
    )
    return [
        Model(subject, scores.labels.get(subject, ""), colour)
        for subject, colour in zip(chosen, BOX_COLOURS, strict=False)
    ]


def _read(run: Run, benchmark: str, models: Sequence[Model], scores: Scores) -> Shown:
    answers = {}
    for model in models:
        try:
            answers[model.subject] = cached.predictions(root(), run.revision, model.subject, benchmark)
        except RecordError as problem:
            show_problem(problem)
    table = examples.join(cached.items(root(), run.revision, benchmark), answers)
    lower = examples.lower_is_better(scores.rows, benchmark)
    return Shown(run, benchmark, models, table, examples.is_binary(table) and not lower, lower)


def _show_page(shown: Shown) -> None:
    table = filtered(shown)
    st.caption(text("items_found", found=len(table), total=len(shown.table)))
    if table.empty:
        st.info(text("no_items"))
        return
    pages = math.ceil(len(table) / PAGE_SIZE)
    number = st.pagination(pages, key=f"page-{shown.benchmark}-{pages}") if pages > 1 else 1
    part = table.iloc[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    pictures = cached.images(root(), shown.run.revision, shown.benchmark, tuple(part["item_id"]))
    for item in part.to_dict("records"):
        show_item({str(key): value for key, value in item.items()}, pictures.get(item["item_id"]), shown)


page()
