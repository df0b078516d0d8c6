"""Rows of files of any format."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.archives.files import Entry, FileProblem, Files
from components.ingest.readers.json_rows import json_rows, one_of_many, whole_json
from components.ingest.readers.paths import RowPath
from components.ingest.readers.texts import text_lines
from components.ingest.records import BadRow, SourceError

FORMATS = (".json", ".jsonl", ".csv", ".parquet")
"""How files' names end that can be read."""
_ROWS_AT_ONCE = 64
_REST = None
"""The key under which the csv module puts the fields that are too many."""


def table_rows(files: Files, entry: Entry, path: RowPath | None) -> Iterator[Any]:
    """The rows of a file, by its format; what cannot be read comes as a BadRow in its place where that is possible.

    Args:
        path: in JSON, from the root to the list of rows.

    Raises:
        SourceError: naming the file, if it is damaged.
    """
    ending = entry.name.lower().rpartition(".")[2]
    if ending == "csv":
        return _csv_rows(files, entry)
    if ending == "parquet":
        return _parquet_rows(files, entry)
    return one_of_many(entry, json_rows(files, entry) if path is None or ending == "jsonl" else _at(files, entry, path))


def _at(files: Files, entry: Entry, path: RowPath) -> Iterator[Any]:
    """The list at a path. At a plain key, its elements are streamed."""
    key = path.expression.strip('"')
    if key.isidentifier():
        yield from json_rows(files, entry, key)
        return
    rows = path.search(whole_json(files, entry))
    if not isinstance(rows, list):
        raise SourceError(f"{entry.name}: {path} finds no list")
    yield from rows


def _csv_rows(files: Files, entry: Entry) -> Iterator[Any]:
    try:
        for row in csv.DictReader(text_lines(files, entry), restkey=_REST, strict=True):
            yield BadRow(f"more fields than the head has: {row[_REST]!r:.60}") if _REST in row else row
    except csv.Error as error:
        raise SourceError(f"{entry.name} is not CSV: {error}") from None


def _parquet_rows(files: Files, entry: Entry) -> Iterator[Any]:
    """Parquet is read from its end, so members of archives are unpacked into a temporary file."""
    try:
        with files.open(entry) as stream, tempfile.TemporaryFile() as file:
            shutil.copyfileobj(stream, file)
            for batch in pq.ParquetFile(file).iter_batches(_ROWS_AT_ONCE):
                yield from batch.to_pylist()
    except (FileProblem, OSError, ValueError, pa.ArrowException) as error:
        raise SourceError(f"{entry.name} is not whole Parquet: {error}") from None
