"""The report that evaluate wrote about the comparison."""

from __future__ import annotations

from dashboards.illustrated import show_text
from dashboards.page import language, show_problem, text
from dashboards.records.comparison import PICTURES, REPORTS
from dashboards.records.problem import RecordError
from dashboards.records.runs import Run


def show_report(run: Run) -> None:
    """The report in the chosen language with its picture; nothing for a run from before there were reports."""
    try:
        show_text(run, REPORTS[language()], PICTURES, text("report"))
    except RecordError as problem:
        if problem.kind not in ("missing", "absent"):
            show_problem(problem)
