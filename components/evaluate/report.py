"""What the stage writes beside the answers: scores.json for people, metrics.json and scores.csv for DVC."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from components.evaluate.paths import Paths
from components.evaluate.rows import Row
from components.files.atomic import write_json, write_text

_COLUMNS = ["subject", "benchmark", "metric", "value", "low", "high"]


@dataclass(frozen=True)
class Difference:
    """Stage 2 minus stage 1 on one benchmark."""

    benchmark: str
    metric: str
    change: dict[str, float | int | None]


def write_reports(rows: list[Row], differences: list[Difference], paths: Paths) -> None:
    """Write all three files, each whole or not at all."""
    measured = [row for row in rows if row.status == "measured"]
    write_json(paths.scores, {"scores": [asdict(row) for row in rows]})
    write_json(paths.metrics, _metrics(measured, differences))
    write_text(paths.table, _table(measured))


def _metrics(measured: list[Row], differences: list[Difference]) -> dict[str, Any]:
    nested: dict[str, Any] = defaultdict(lambda: defaultdict(dict))
    for row in measured:
        bounds = {f"{row.metric}_low": row.low, f"{row.metric}_high": row.high} if row.low is not None else {}
        nested[row.subject][row.benchmark] |= {row.metric: row.value, **bounds}
    for difference in differences:
        change = {key: value for key, value in difference.change.items() if value is not None}
        nested["finetune_minus_pretrain"][difference.benchmark][difference.metric] = change
    return nested


def _table(measured: list[Row]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in measured)
    return stream.getvalue()
