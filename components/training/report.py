"""Metrics and curves of a training stage, where dvc.yaml declares them."""

from __future__ import annotations

from pathlib import Path

from components.files.atomic import new_folder, write_json
from components.training.log import Log

_LAST_ROWS = 5


def write_report(folder: Path, log: Log, seconds: float) -> None:
    """Write loss.csv, validation.csv and metrics.json."""
    last = log.rows[-_LAST_ROWS:]
    metrics = {
        "loss": round(_mean([row.loss for row in last]), 5),
        "validation_loss": round(log.validation[-1].loss, 5),
        "steps": log.rows[-1].step,
        "samples_per_second": round(_mean([row.samples_per_second for row in log.rows]), 2),
        "padding": round(_mean([row.padding for row in log.rows]), 4),
        "waiting": round(_mean([row.waiting for row in log.rows]), 4),
        "seconds": round(seconds, 1),
    }
    used = [row.mfu for row in log.rows if row.mfu is not None]
    if used:
        metrics["mfu"] = round(_mean(used), 4)
    with new_folder(folder) as part:
        log.save(part)
        write_json(part / "metrics.json", metrics)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
