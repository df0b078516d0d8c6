"""Rows of files of any kind."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.archives.files import Entry, Files
from components.ingest.readers.json_rows import json_rows
from components.ingest.records import SourceError

_ROWS_AT_ONCE = 64
_LONGEST_CELL = 2**24


def csv_rows(files: Files, entry: Entry) -> Iterator[dict[str, Any]]:
    """Rows of a CSV file (of a TSV file, if its name says so) in UTF-8 or CP949, by their column's names."""
    csv.field_size_limit(_LONGEST_CELL)
    delimiter = "\t" if entry.name.lower().endswith(".tsv") else ","
    try:
        with files.open(entry) as stream:
            lines = io.TextIOWrapper(stream, encoding=_encoding(stream), newline="")
            yield from csv.DictReader(lines, delimiter=delimiter)
    except (OSError, ValueError, csv.Error) as error:
        raise SourceError(f"{entry.name} is not CSV in UTF-8 or CP949: {error}") from None


def parquet_rows(files: Files, entry: Entry) -> Iterator[dict[str, Any]]:
    """Rows of a Parquet file, a few at a time."""
    try:
        with files.open_seekable(entry) as stream:
            for batch in pq.ParquetFile(stream).iter_batches(_ROWS_AT_ONCE):
                yield from batch.to_pylist()
    except (OSError, ValueError, pa.ArrowException) as error:
        raise SourceError(f"{entry.name} is not Parquet: {error}") from None


def _encoding(stream: Any) -> str:
    start = stream.peek(io.DEFAULT_BUFFER_SIZE)
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        return "cp949" if error.end < len(start) - 3 else "utf-8-sig"
    return "utf-8-sig"


TABLES: dict[str, Callable[[Files, Entry], Iterator[Any]]] = {
    ".json": json_rows,
    ".jsonl": json_rows,
    ".csv": csv_rows,
    ".tsv": csv_rows,
    ".parquet": parquet_rows,
}
"""Readers of files by the ends of their names."""
