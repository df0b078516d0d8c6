"""Published figures of other models, from figures.csv, as rows of the scores."""

from __future__ import annotations

import csv
from pathlib import Path

from components.evaluate.published.suite import SUITE, name_here
from components.evaluate.rows import BASELINE, Row
from components.stages.errors import Unusable

FILE = Path(__file__).parent / "figures.csv"
_BASELINE_MODEL = "KoLLaVA-v1.5-Synatra-7b"
# Metric here, and what a published number is multiplied by. Judge scores keep the scale they are known by.
_METRICS: dict[str, tuple[str, float]] = {
    "accuracy": ("accuracy", 1),
    "accuracy_pct": ("accuracy", 0.01),
    "relative_score_pct": ("relative_score", 1),
    "judge_absolute_x10": ("judge_absolute_x10", 1),
    "mean_IoU": ("mean_iou", 1),
    "IoU>=0.5_pct": ("iou_50", 0.01),
    "IoU>=0.75_pct": ("iou_75", 0.01),
}


def published_rows(ingested: set[str], file: Path = FILE) -> list[Row]:
    """One row a published figure.

    Raises:
        Unusable: naming the file, the line and the field that is not known.
    """
    with file.open(encoding="utf-8", newline="") as stream:
        lines = enumerate(csv.DictReader(stream), start=2)
        return [_row(fields, ingested, f"{file}, line {line}") for line, fields in lines]


def _row(fields: dict[str, str], ingested: set[str], place: str) -> Row:
    for field, known in (("benchmark", SUITE), ("metric", _METRICS)):
        if fields[field] not in known:
            raise Unusable(f"{place}: {field} {fields[field]!r} is none of {', '.join(known)}")
    metric, factor = _METRICS[fields["metric"]]
    return Row(
        BASELINE if fields["model"] == _BASELINE_MODEL else fields["model"],
        name_here(fields["benchmark"], ingested),
        SUITE[fields["benchmark"]].category,
        metric,
        round(float(fields["value"]) * factor, 6),
        low=None,
        high=None,
        n=None,
        status="published",
        source=fields["source"],
        condition=fields["condition"],
        details={"model": fields["model"], "parameters_in_billions": fields["params_b"] or None},
    )
