"""What every page shares: the chosen language, the run to look at, and how a problem is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path, PurePosixPath

import streamlit as st

from dashboards import cached
from dashboards.records.export import REFUSED, last_refusals
from dashboards.records.problem import RecordError
from dashboards.records.runs import WORKSPACE_RUN, Run, is_empty
from dashboards.records.scores import FINETUNE, PRETRAIN
from dashboards.texts import LANGUAGES, Language, translate

DEFAULT_COMMITS = 20


def root() -> Path:
    """The repository that is shown: the folder in which the dashboard was started, as for dvc itself."""
    return Path.cwd()


def language() -> Language:
    """The language chosen in the sidebar."""
    chosen: Language = st.session_state.get("language", "ko")
    return chosen


def text(key: str, **values: object) -> str:
    """A text of the catalogue in the chosen language."""
    return translate(key, language(), **values)


def choose_language() -> None:
    """The language switch."""
    st.session_state.setdefault("language", "ko")
    st.segmented_control(
        translate("language", language()),
        list(LANGUAGES),
        format_func=lambda code: LANGUAGES[code],
        key="language",
        required=True,
        label_visibility="collapsed",
    )


def title(key: str, intro: str | None = None) -> None:
    """A page's head."""
    st.title(text(key))
    if intro:
        st.caption(text(intro))


@contextmanager
def problems_shown() -> Iterator[None]:
    """Shows a RecordError raised inside as a message on the page, with the file and the fix."""
    try:
        yield
    except RecordError as problem:
        show_problem(problem)


def show_problem(problem: RecordError) -> None:
    """One message: what is wrong, with which file, and the command that helps."""
    parts = [f"**{text(f'problem_{problem.kind}')}**: `{problem.path}`"]
    if problem.detail:
        parts.append(f"`{problem.detail}`")
    if problem.fix:
        parts.append(f"{text('fix')}: `{problem.fix}`")
    message = "  \n".join(parts)
    show = {"missing": st.info, "absent": st.info, "not cached": st.warning}.get(problem.kind, st.error)
    show(message)


def show_refusals() -> bool:
    """A message if the workspace's last export was refused, with the reasons; whether there is one."""
    reasons = last_refusals(root())
    if reasons:
        place = f"`{PurePosixPath(REFUSED).parent}`"
        st.error("\n".join([text("export_refused_last", place=place), "", *(f"- {reason}" for reason in reasons)]))
    return bool(reasons)


def legend(colours: dict[str, str]) -> str:
    """A line of HTML that says which colour is which."""
    keys = (
        f"<span style='white-space:nowrap'><span style='color:{colour}'>■</span> {escape(name)}</span>"
        for name, colour in colours.items()
    )
    return f"<small>{' &ensp; '.join(keys)}</small>"


def run_label(run: Run) -> str:
    """How a run is called in a list."""
    return text("workspace") if run.kind == "workspace" else run.label


def model_name(subject: str) -> str:
    """How a model is called: the run's own by their stage, others by their name."""
    return text(subject) if subject in (FINETUNE, PRETRAIN) else subject


def runs_to_choose() -> list[Run]:
    """The workspace, and every other run that has figures."""
    try:
        listed = cached.runs(root(), DEFAULT_COMMITS)
    except RecordError:  # the page of runs says why; the workspace's files can still be shown
        return [WORKSPACE_RUN]
    recorded = [run for run in listed if run.kind != "workspace" and not is_empty(run)]
    workspace = next((run for run in listed if run.kind == "workspace"), WORKSPACE_RUN)
    return [workspace, *recorded]


def choose_run(label: str = "run", key: str = "run") -> Run:
    """A select box of runs."""
    return st.selectbox(text(label), runs_to_choose(), format_func=run_label, key=key)
