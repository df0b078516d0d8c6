"""JSON, CSV and Parquet out of a record; what cannot be read is a RecordError that names the field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dashboards.records.files import Record
from dashboards.records.problem import RecordError


def read_json(record: Record) -> dict[str, Any]:
    """A JSON object."""
    try:
        content = json.loads(record.read().decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RecordError("damaged", record.name, str(error)) from error
    if not isinstance(content, dict):
        raise RecordError("damaged", record.name, f"a JSON object is wanted, not {type(content).__name__}")
    return content


def read_csv(record: Record, columns: Sequence[str]) -> pd.DataFrame:
    """A table of numbers. A last line without its line end is still being written, and is left out."""
    try:
        text = record.read().decode("utf-8")
        complete = text[: text.rfind("\n") + 1]
        table = pd.read_csv(StringIO(complete)) if complete.strip() else pd.DataFrame(columns=list(columns))
    except (UnicodeDecodeError, pd.errors.ParserError, ValueError) as error:
        raise RecordError("damaged", record.name, str(error)) from error
    _require(record.name, table.columns, columns)
    try:
        return table.apply(pd.to_numeric)
    except (ValueError, TypeError) as error:
        raise RecordError("damaged", record.name, str(error)) from error


def read_parquet(record: Record, columns: Sequence[str], optional: Sequence[str] = ()) -> pd.DataFrame:
    """The named columns of a Parquet file; of `optional` those that are there."""
    with record.open() as file:
        try:
            parquet = pq.ParquetFile(file)
            present = parquet.schema_arrow.names
            _require(record.name, present, columns)
            return parquet.read(columns=[*columns, *(name for name in optional if name in present)]).to_pandas()
        except (pa.ArrowException, OSError) as error:
            raise RecordError("damaged", record.name, _first_line(error)) from error


def _require(name: str, present: Sequence[str], wanted: Sequence[str]) -> None:
    lacking = [column for column in wanted if column not in list(present)]
    if lacking:
        raise RecordError("damaged", name, f"no column {', '.join(lacking)}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
