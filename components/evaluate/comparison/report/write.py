"""The report's files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.markdown import PICTURE, report_text
from components.evaluate.comparison.report.picture import draw_comparisons
from components.evaluate.comparison.results import Comparison
from components.files.atomic import write_json, write_text


def write_report(folder: Path, contents: Contents) -> None:
    """Write report.md, report.ko.md, comparison.json and, where models are compared, comparison.png; the same contents
    give the same bytes. Each file is written whole or not at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if contents.comparisons():
        draw_comparisons(contents, folder / PICTURE)
    else:
        (folder / PICTURE).unlink(missing_ok=True)
    write_json(folder / "comparison.json", _as_json(contents))
    write_text(folder / "report.md", report_text(contents, "en"))
    write_text(folder / "report.ko.md", report_text(contents, "ko"))


def _as_json(contents: Contents) -> dict[str, object]:
    compared = [asdict(result) for result in contents.results if isinstance(result, Comparison)]
    refused = [asdict(result) for result in contents.results if not isinstance(result, Comparison)]
    return {
        "settings": asdict(contents.settings),
        "labels": dict(contents.labels),
        "comparisons": compared,
        "refusals": refused,
        "leaks": [asdict(leak) for leak in contents.leaks],
    }
