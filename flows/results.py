"""What became of each stage, and how Prefect shows it."""

import json
import re
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Literal

from prefect.artifacts import create_table_artifact

StageState = Literal["ran", "cached", "failed", "not started"]

MAIN_METRICS = 4
"""How many metrics of a stage the table of the run shows."""


@dataclass(frozen=True)
class StageResult:
    """How a stage ended."""

    stage: str
    state: StageState
    seconds: float | None = None
    metrics: dict[str, float] = field(default_factory=dict)


def read_metrics(root: Path, stage: str) -> dict[str, float]:
    """Return the numbers of the stage's metrics file by dotted names; none where it has no such file."""
    path = root / "reports" / stage / "metrics.json"
    if not path.is_file():
        return {}
    try:
        return _flatten(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{path}: not a JSON file ({error}); the stage `{stage}` must write one") from error


def show_metrics(result: StageResult) -> None:
    """Leave the stage's metrics as an artifact of its task run."""
    if result.metrics:
        create_table_artifact(
            key=f"metrics-{_key(result.stage)}",
            table=[{"metric": name, "value": _shown(value)} for name, value in result.metrics.items()],
            description=f"Metrics of the stage `{result.stage}` ({result.state})",
        )


def show_run(results: list[StageResult], run_name: str) -> None:
    """Leave one table with all stages as an artifact of the flow run."""
    create_table_artifact(
        key="full-pipeline",
        table=[
            {
                "stage": result.stage,
                "state": result.state,
                "seconds": "" if result.seconds is None else round(result.seconds, 1),
                "metrics": _main_metrics(result.metrics),
            }
            for result in results
        ],
        description=f"Stages of the run `{run_name}`",
    )


def _main_metrics(metrics: dict[str, float]) -> str:
    # The file's own order: a stage writes what matters most first.
    return ", ".join(f"{name} {value:.4g}" for name, value in list(metrics.items())[:MAIN_METRICS])


def _shown(value: float) -> float | str:
    # JSON has no number for a loss that ran away.
    return value if isfinite(value) else str(value)


def _flatten(value: object, name: str = "") -> dict[str, float]:
    if isinstance(value, dict):
        found: dict[str, float] = {}
        for key, inner in value.items():
            found |= _flatten(inner, f"{name}.{key}" if name else str(key))
        return found
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {name: value} if is_number else {}  # type: ignore[dict-item]


def _key(stage: str) -> str:
    """Return the stage's name in the letters that Prefect allows in an artifact's key."""
    return re.sub(r"[^a-z0-9]+", "-", stage.lower()).strip("-")
