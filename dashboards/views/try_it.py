"""Try it: a picture, a question in Korean, an answer by the exported bundle or by a server."""

from __future__ import annotations

import streamlit as st
from PIL import Image

from dashboards import cached
from dashboards.page import problems_shown, root, show_refusals, text, title
from dashboards.pictures import enlarge, open_picture
from dashboards.records import examples, files
from dashboards.records.files import WORKSPACE
from dashboards.records.problem import RecordError
from dashboards.talking import KEY, ask, ask_server, bundle_names

MOST_ITEMS = 50
SERVER = ""  # among the names of bundles: none of them
ADDRESS = "http://127.0.0.1:8000/v1"


def page() -> None:
    """Picture on the left, question and answer on the right."""
    title("try_it_title", "try_it_intro")
    try:
        bundles = bundle_names(root())
    except RecordError:
        if not show_refusals():
            st.info(text("try_no_bundle"))
        bundles = []
    with problems_shown():
        picture_box, talk_box = st.columns([2, 3], gap="large")
        with picture_box:
            picture, question, reference = _choose_picture()
        with talk_box:
            _talk(bundles, picture, question, reference)


def _choose_picture() -> tuple[Image.Image | None, str, str]:
    """A picture with the question and the reference that belong to it."""
    ways = ["try_held_out", "try_upload"]
    way = st.segmented_control(text("try_picture"), ways, format_func=text, default=ways[0], required=True)
    data, question, reference = _held_out() if way == "try_held_out" else (_uploaded(), text("try_default"), "")
    picture = open_picture(data) if data else None
    if picture is not None:
        st.image(enlarge(picture), width=480)
    elif data:
        st.error(text("bad_image"))
    return picture, question, reference


def _held_out() -> tuple[bytes | None, str, str]:
    names = examples.benchmarks_in(files.names(root(), WORKSPACE, examples.BENCHMARKS))
    if not names:
        st.info(text("no_benchmarks"))
        return None, text("try_default"), ""
    benchmark = st.selectbox(text("benchmark"), names)
    items = cached.items(root(), WORKSPACE, benchmark).head(MOST_ITEMS).set_index("item_id")
    item = st.selectbox(text("try_item"), list(items.index))
    pictures = cached.images(root(), WORKSPACE, benchmark, (item,))
    return pictures.get(item), items.loc[item, "prompt"], items.loc[item, "reference"]


def _uploaded() -> bytes | None:
    file = st.file_uploader(text("try_file"), type=["png", "jpg", "jpeg", "webp"])
    return None if file is None else file.getvalue()


def _talk(bundles: list[str], picture: Image.Image | None, question: str, reference: str) -> None:
    who = st.selectbox(text("try_who"), [*bundles, SERVER], format_func=lambda name: name or text("try_server"))
    address = ADDRESS
    if who == SERVER:
        address = st.text_input(text("try_address"), ADDRESS, help=text("try_address_help", variable=KEY))
    with st.form("question"):
        asked = st.text_area(text("try_question"), question, height=160)
        length = st.slider(text("try_length"), 8, 256, 64)
        sent = st.form_submit_button(text("try_ask"), type="primary")
    if not sent:
        return
    if not asked.strip():
        st.warning(text("try_no_question"))
        return
    with st.chat_message("user"):
        st.text(asked.strip())
    with st.chat_message("assistant"):
        question = asked.strip()
        if who == SERVER:
            answer = st.write_stream(ask_server(address.strip(), question, picture, length))
        else:
            answer = st.write_stream(ask(root(), who, question, picture, length))
        if not answer:
            st.caption(text("try_empty"))
    if reference:
        st.caption(f"{text('try_reference')}: {reference}")


page()
