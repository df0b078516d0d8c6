"""One item: its picture, what was asked and wanted, what each model answered."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards.items.shown import Model, Shown
from dashboards.page import legend, text
from dashboards.pictures import draw_boxes, enlarge, open_picture
from dashboards.records.boxes import Box, parse_box

REFERENCE_COLOUR = "#00C853"
# Of a card's columns: picture, question, each answer.
_WIDTHS = (5, 6, 4)


def show_item(item: dict[str, Any], picture: bytes | None, shown: Shown) -> None:
    """A card with a column for each model."""
    image, question, answer = _WIDTHS
    with st.container(border=True):
        image_box, question_box, *answer_boxes = st.columns(
            [image, question, *[answer] * len(shown.models)], gap="medium"
        )
        with image_box:
            _show_picture(item, picture, shown)
        with question_box.container(gap="xsmall"):
            _show_question(item)
        for box, model in zip(answer_boxes, shown.models, strict=True):
            with box.container(gap="xsmall"):
                _show_answer(item, model, shown.is_binary)


def _show_picture(item: dict[str, Any], data: bytes | None, shown: Shown) -> None:
    if data is None:
        st.caption(text("no_image"))
        return
    picture = open_picture(data)
    if picture is None:
        st.warning(f"{text('bad_image')}: `{item['item_id']}`")
        return
    boxes = _boxes(item, shown)
    st.image(draw_boxes(enlarge(picture), [(box, colour) for _, box, colour in boxes]), width="stretch")
    if boxes:
        st.html(legend({name: colour for name, _, colour in boxes}))


def _boxes(item: dict[str, Any], shown: Shown) -> list[tuple[str, Box, str]]:
    """Name, box and colour of each box to draw: none unless the reference itself is a box."""
    reference = parse_box(_string(item["reference"]))
    if reference is None:
        return []
    answered = [
        (model.name, parse_box(_string(item.get(f"parsed_{model.subject}"))), model.colour) for model in shown.models
    ]
    drawn = [(name, box, colour) for name, box, colour in answered if box is not None]
    return [(text("box_reference"), reference, REFERENCE_COLOUR), *drawn]


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


def _show_answer(item: dict[str, Any], model: Model, is_binary: bool) -> None:
    st.markdown(f"**{model.name}**")
    if model.label:
        st.caption(model.label)
    response = item.get(f"response_{model.subject}")
    if not isinstance(response, str):
        st.caption(text("no_answer"))
        return
    st.text(response or "∅")
    parsed = item.get(f"parsed_{model.subject}")
    if parsed != response:
        st.caption(text("parsed"))
        st.text(parsed if isinstance(parsed, str) else text("unparsed"))
    _show_score(item.get(f"score_{model.subject}"), is_binary)


def _show_score(score: float | None, is_binary: bool) -> None:
    """Green and red for right and wrong; a degree or an error rate has no such colour."""
    if score is None or pd.isna(score):
        return
    label = text("right" if score == 1 else "wrong") if is_binary else f"{text('score')} {score:.3g}"
    if not is_binary:
        st.badge(label, color="blue")
    elif score == 1:
        st.badge(label, color="green")
    else:
        st.badge(label, color="red")


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
