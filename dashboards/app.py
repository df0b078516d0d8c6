"""Entry point: `streamlit run dashboards/app.py`, in the repository's folder."""

from __future__ import annotations

import streamlit as st

from dashboards.page import choose_language, root, text

RESULTS = {
    "runs": ":material/list:",
    "compare": ":material/leaderboard:",
    "curves": ":material/show_chart:",
    "examples": ":material/image_search:",
}
MODEL = {"data": ":material/database:", "export": ":material/package_2:", "try_it": ":material/chat:"}


def _pages(views: dict[str, str]) -> list[st.Page]:
    return [
        st.Page(f"views/{name}.py", title=text(f"{name}_title"), icon=icon, url_path=name, default=name == "runs")
        for name, icon in views.items()
    ]


def main() -> None:
    """Sets up the frame and runs the chosen page."""
    st.set_page_config(
        page_title=text("app_title"),
        page_icon=":material/visibility:",
        layout="wide",
        initial_sidebar_state=230,
    )
    chosen = st.navigation({text("group_results"): _pages(RESULTS), text("group_model"): _pages(MODEL)})
    with st.sidebar:
        choose_language()
        st.caption(f"{text('repository')}: `{root().name}`")
    chosen.run()


main()
