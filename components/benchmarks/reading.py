"""What layouts share: rows of tables and files, fields, pictures, options."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.archives.files import FileProblem, Files
from components.benchmarks.item import BenchmarkError, Picture

Row = dict[str, Any]
_NOTHING = {"", "nan", "none"}
_LINES = "items.jsonl"
_ID_COLUMNS = ("id", "index", "question_id", "id_")
LETTERS = "ABCDEF"


def table_rows(files: Files) -> Iterator[Row]:
    """The rows of all Parquet files in the order of their names, as the hub holds them; else of all TSV files, in which
    images are base64, as VLMEvalKit (github.com/open-compass/VLMEvalKit) reads them."""
    for suffix, rows_of in ((".parquet", _parquet), (".tsv", _tsv)):
        found = list(files.entries(suffix))
        for entry in found:
            yield from rows_of(entry.name, files.read(entry))
        if found:
            return
    raise BenchmarkError("there is neither a Parquet nor a TSV file")


def json_lines(files: Files) -> Iterator[Row]:
    """The rows of ``items.jsonl``."""
    for number, line in enumerate(read_file(files, _LINES).splitlines(), start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BenchmarkError(f"{_LINES}, line {number} is not JSON: {error}") from None
        if not isinstance(row, dict):
            raise BenchmarkError(f"{_LINES}, line {number} is not an object")
        yield row


def read_file(files: Files, name: str) -> str:
    """A text file that must be there."""
    try:
        return files.read(files.find(name)).decode("utf-8")
    except FileProblem:
        raise BenchmarkError(f"{name} not found") from None
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{name} is not UTF-8: {error}") from None


def field(row: Row, name: str) -> Any:
    """A column that must be there."""
    if row.get(name) is None:
        raise BenchmarkError(f"item {item_name(row)}: {name} is missing")
    return row[name]


def item_name(row: Row) -> str:
    """How messages call a row: by whichever column of ids it has."""
    return str(next((row[column] for column in _ID_COLUMNS if row.get(column) is not None), "?"))


def text_or_nothing(value: Any) -> str:
    """The text; "" for the ways in which published tables write that there is none."""
    text = "" if value is None else str(value).strip()
    return "" if text.lower() in _NOTHING else text


def embedded_picture(row: Row) -> Picture:
    """The image inside a row: bytes in Parquet, base64 in TSV."""
    image = field(row, "image")
    if isinstance(image, dict) and isinstance(image.get("bytes"), bytes):
        return Picture(image.get("path") or "", image["bytes"])
    if isinstance(image, str):
        try:
            return Picture("", base64.b64decode(image, validate=True))
        except binascii.Error as error:
            raise BenchmarkError(f"item {item_name(row)}: image is not base64: {error}") from None
    raise BenchmarkError(f"item {item_name(row)}: image holds no bytes")


def read_picture(files: Files, name: str) -> Picture:
    """The image that a row names."""
    try:
        return Picture(name, files.read(files.find(name)))
    except FileProblem as reason:
        raise BenchmarkError(f"item with image {name}: {reason}") from None


def read_options(row: Row) -> tuple[str, ...]:
    """The options in ``choice_a`` and on, or in ``A`` and on; those after the first empty one are none."""
    found: list[str] = []
    for letter in LETTERS:
        text = text_or_nothing(row.get(f"choice_{letter.lower()}", row.get(letter)))
        if not text:
            break
        found.append(text)
    if len(found) < 2:
        raise BenchmarkError(f"item {item_name(row)}: fewer than two options in choice_a.. or A..")
    return tuple(found)


def right_letter(row: Row, options: Sequence[str]) -> str:
    """The answer, which must be the letter of an option."""
    answer = str(field(row, "answer")).strip()
    if len(answer) != 1 or answer not in LETTERS[: len(options)]:
        raise BenchmarkError(f"item {item_name(row)}: answer {answer!r} is no option's letter")
    return answer


def _parquet(name: str, content: bytes) -> Iterator[Row]:
    try:
        table = pq.ParquetFile(pa.BufferReader(content))
    except pa.ArrowInvalid as error:
        raise BenchmarkError(f"{name} is not Parquet: {error}") from None
    for batch in table.iter_batches(batch_size=64):
        yield from batch.to_pylist()


def _tsv(name: str, content: bytes) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)  # an image is one field
    try:
        yield from csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter="\t")
    except (csv.Error, UnicodeDecodeError) as error:
        raise BenchmarkError(f"{name} is not a table of tab-separated values in UTF-8: {error}") from None
