"""What the stage writes beside answers: scores.json, the comparison for people, metrics.json and scores.csv for DVC."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.write import write_report
from components.evaluate.comparison.results import Comparison, Refusal
from components.evaluate.paths import Paths
from components.evaluate.rows import Row
from components.files.atomic import write_json, write_text

_COLUMNS = ["subject", "benchmark", "metric", "value", "low", "high"]
_AGAINST = "_minus_"


def write_reports(contents: Contents, main: str, paths: Paths) -> None:
    """Write all files, each whole or not at all; ``main`` is the run's own model."""
    measured = contents.measured()
    scores = {"main": main, "labels": dict(contents.labels), "scores": [asdict(row) for row in contents.rows]}
    write_json(paths.scores, scores)
    write_report(paths.comparison, contents)
    write_json(paths.metrics, _metrics(measured, contents.results))
    write_text(paths.table, _table(measured))


def _metrics(measured: list[Row], results: Sequence[Comparison | Refusal]) -> dict[str, Any]:
    nested: dict[str, Any] = defaultdict(lambda: defaultdict(dict))
    for row in measured:
        bounds = {f"{row.metric}_low": row.low, f"{row.metric}_high": row.high} if row.low is not None else {}
        nested[row.subject][row.benchmark] |= {row.metric: row.value, **bounds}
    for result in results:
        if isinstance(result, Comparison) and result.is_main:
            change = {**asdict(result.paired.difference), "p": result.p_adjusted, "n": result.paired.units}
            known = {key: value for key, value in change.items() if value is not None}
            nested[f"{result.first}{_AGAINST}{result.second}"][result.benchmark][result.metric] = known
    return nested


def _table(measured: list[Row]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in measured)
    return stream.getvalue()
