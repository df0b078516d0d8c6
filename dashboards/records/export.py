"""The export's report: size, speed and agreement with the unquantised model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboards.records.files import Record
from dashboards.records.problem import RecordError
from dashboards.records.tables import read_json

PATH = "artifacts/export/report.json"


@dataclass(frozen=True)
class ExportReport:
    """What report.json says; a figure that was not measured is None."""

    sizes: dict[str, float]
    agreement: dict[str, float | None]
    speed: dict[str, float | None]
    first_token: dict[str, float]
    files: pd.DataFrame


def read_export(record: Record) -> ExportReport:
    """report.json, checked."""
    report = read_json(record)
    speed = dict(_object(report, "speed", record.name))
    first_token = speed.pop("first_token_ms", None) or {}
    files = _object(report, "files", record.name)
    return ExportReport(
        sizes={key: value for key, value in _numbers(_object(report, "size_mb", record.name)).items() if value},
        agreement=_numbers(_object(report, "agreement", record.name)),
        speed=_numbers(speed),
        first_token={key: value for key, value in _numbers(_as_dict(first_token)).items() if value is not None},
        files=_files(files, record.name),
    )


def _object(report: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    value = report.get(key)
    if not isinstance(value, dict):
        raise RecordError("damaged", name, f"field {key!r} is not an object")
    return value


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"all": value}


def _numbers(values: dict[str, Any]) -> dict[str, float | None]:
    return {key: float(value) if isinstance(value, int | float) else None for key, value in values.items()}


def _files(files: dict[str, Any], name: str) -> pd.DataFrame:
    try:
        rows = [
            {"file": path, "bytes": int(entry["bytes"]), "sha256": str(entry["sha256"])}
            for path, entry in files.items()
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError("damaged", name, f"field 'files': {type(error).__name__}: {error}") from error
    return pd.DataFrame(rows, columns=["file", "bytes", "sha256"])
