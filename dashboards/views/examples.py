"""Examples: what was asked, what was wanted, what stage 1 and stage 2 answered."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import cached
from dashboards.page import choose_run, legend, problems_shown, root, show_problem, text, title
from dashboards.pictures import draw_boxes, enlarge, open_picture
from dashboards.records import examples, files
from dashboards.records.boxes import parse_box
from dashboards.records.problem import RecordError
from dashboards.records.runs import Run
from dashboards.records.scores import FINETUNE, PRETRAIN

PAGE_SIZE = 5
BOX_COLOURS = {"reference": "#00C853", FINETUNE: "#FF6D00", PRETRAIN: "#D500F9"}


def page() -> None:
    """Filters, then one card an item."""
    title("examples_title")
    run_box, benchmark_box = st.columns(2)
    with run_box:
        run = choose_run()
    with problems_shown():
        benchmarks = examples.benchmarks_in(files.names(root(), run.revision, f"{examples.PREDICTIONS}/{FINETUNE}"))
        if not benchmarks:
            st.info(text("no_benchmarks"))
            return
        benchmark = benchmark_box.selectbox(text("benchmark"), benchmarks)
        table = _table(run, benchmark)
        binary = _is_binary(table, run, benchmark)
        _show_page(_filtered(table, binary), len(table), binary, run, benchmark)


def _table(run: Run, benchmark: str) -> pd.DataFrame:
    items = cached.items(root(), run.revision, benchmark)
    answers = {}
    for subject in examples.SUBJECTS:
        try:
            answers[subject] = cached.predictions(root(), run.revision, subject, benchmark)
        except RecordError as problem:
            show_problem(problem)
    return examples.join(items, answers)


def _is_binary(table: pd.DataFrame, run: Run, benchmark: str) -> bool:
    try:
        scores = cached.score_rows(root(), run.revision)
    except RecordError:  # predictions are written before scores
        scores = []
    return examples.is_binary(table, scores, benchmark)


def _filtered(table: pd.DataFrame, binary: bool) -> pd.DataFrame:
    category_box, verdict_box = st.columns(2)
    categories = category_box.multiselect(
        text("category"), sorted(table["category"].dropna().unique()), placeholder=text("all")
    )
    if categories:
        table = table[table["category"].isin(categories)]
    score = f"score_{FINETUNE}"
    if score not in table or table.empty:
        return table
    with verdict_box:
        return _by_verdict(table, score) if binary else _by_range(table, score)


def _by_verdict(table: pd.DataFrame, score: str) -> pd.DataFrame:
    masks = {"all": table[score].notna() | True, "right": table[score] == 1, "wrong": table[score] == 0}
    other = f"score_{PRETRAIN}"
    if other in table:
        masks["changed"] = table[score] != table[other]
    verdict = st.segmented_control(text("verdict"), list(masks), format_func=text, default="all", required=True)
    return table[masks[verdict]]


def _by_range(table: pd.DataFrame, score: str) -> pd.DataFrame:
    low, high = float(table[score].min()), float(table[score].max())
    if math.isnan(low) or low == high:
        return table
    chosen = st.slider(text("score_range"), low, high, (low, high))
    return table[table[score].between(*chosen)] if chosen != (low, high) else table


def _show_page(table: pd.DataFrame, total: int, binary: bool, run: Run, benchmark: str) -> None:
    st.caption(text("items_found", found=len(table), total=total))
    if table.empty:
        st.info(text("no_items"))
        return
    pages = math.ceil(len(table) / PAGE_SIZE)
    number = st.pagination(pages, key=f"page-{benchmark}-{pages}") if pages > 1 else 1
    shown = table.iloc[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    pictures = cached.images(root(), run.revision, benchmark, tuple(shown["item_id"]))
    for item in shown.to_dict("records"):
        _show_item({str(key): value for key, value in item.items()}, pictures.get(item["item_id"]), binary)


def _show_item(item: dict[str, Any], picture: bytes | None, binary: bool) -> None:
    with st.container(border=True):
        image_box, question_box, *answer_boxes = st.columns([5, 6, 4, 4], gap="medium")
        with image_box:
            _show_picture(item, picture)
        with question_box.container(gap="xsmall"):
            _show_question(item)
        for box, subject in zip(answer_boxes, reversed(examples.SUBJECTS), strict=True):
            with box.container(gap="xsmall"):
                _show_answer(item, subject, binary)


def _show_picture(item: dict[str, Any], data: bytes | None) -> None:
    if data is None:
        st.caption(text("no_image"))
        return
    picture = open_picture(data)
    if picture is None:
        st.warning(f"{text('bad_image')}: `{item['item_id']}`")
        return
    boxes = _boxes(item)
    st.image(draw_boxes(enlarge(picture), [(box, BOX_COLOURS[of]) for of, box in boxes.items()]), width="stretch")
    if boxes:
        st.html(legend({text(f"box_{of}"): BOX_COLOURS[of] for of in boxes}))


def _boxes(item: dict[str, Any]) -> dict[str, Any]:
    """The boxes to draw: none unless the reference itself is a box."""
    reference = parse_box(_string(item["reference"]))
    if reference is None:
        return {}
    answered = {subject: parse_box(_string(item.get(f"parsed_{subject}"))) for subject in examples.SUBJECTS}
    return {"reference": reference} | {subject: box for subject, box in answered.items() if box is not None}


def _show_question(item: dict[str, Any]) -> None:
    st.markdown(f"**{text('prompt')}**")
    st.text(_string(item["prompt"]))
    st.markdown(f"**{text('reference')}**")
    references = item.get("references")
    if references is not None and len(references) > 1:
        st.text("\n".join(references))
    else:
        st.text(_string(item["reference"]))
    notes = [item["item_id"], _string(item["category"]), _string(item.get("layout"))]
    if item.get("seen") is False:
        notes.append(text("unseen"))
    st.caption(" · ".join(note for note in notes if note))


def _show_answer(item: dict[str, Any], subject: str, binary: bool) -> None:
    st.markdown(f"**{text(subject)}**")
    response = item.get(f"response_{subject}")
    if not isinstance(response, str):
        st.caption(text("no_answer"))
        return
    st.text(response or "∅")
    parsed = item.get(f"parsed_{subject}")
    if parsed != response:
        st.caption(text("parsed"))
        st.text(parsed if isinstance(parsed, str) else text("unparsed"))
    _show_score(item.get(f"score_{subject}"), binary)


def _show_score(score: float | None, binary: bool) -> None:
    """Green and red for right and wrong; a degree or an error rate has no such colour."""
    if score is None or pd.isna(score):
        return
    label = text("right" if score == 1 else "wrong") if binary else f"{text('score')} {score:.3g}"
    if not binary:
        st.badge(label, color="blue")
    elif score == 1:
        st.badge(label, color="green")
    else:
        st.badge(label, color="red")


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


page()
