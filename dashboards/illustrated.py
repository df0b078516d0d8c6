"""A text that a stage wrote, shown with its pictures."""

from __future__ import annotations

import streamlit as st

from dashboards.page import problems_shown, root, text
from dashboards.pictures import open_picture
from dashboards.records import files
from dashboards.records.illustrated import text_and_pictures
from dashboards.records.runs import Run


def show_text(run: Run, path: str, pictures: str, heading: str) -> None:
    """The text of a run in an expander, with the pictures beside it whose names match a pattern.

    Raises:
        RecordError: if the run has no such text.
    """
    content = files.find(root(), run.revision, path).read().decode("utf-8", errors="replace")
    with st.expander(heading):
        for words, picture in text_and_pictures(content, path.rpartition("/")[0], pictures):
            st.markdown(words)
            if picture:
                _show_picture(run, picture)


def _show_picture(run: Run, path: str) -> None:
    with problems_shown():
        picture = open_picture(files.find(root(), run.revision, path).read())
        if picture is None:
            st.caption(text("bad_image"))
        else:
            st.image(picture)
