"""A benchmark's item, and what the layouts share in reading files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.archives.files import FileProblem, Files
from components.ingest.records import ImageRef, SourceError
from components.prompts.choice import LETTERS

_NOTHING = {"", "nan", "none"}
_LINES = "items.jsonl"


@dataclass(frozen=True)
class Item:
    """One question with its right answers."""

    item_id: str
    image: ImageRef | None
    prompt: str
    references: tuple[str, ...]
    prompt_version: str
    category: str = ""
    group: str = ""
    """Items of one group are rotations of one question."""
    seen: bool = True
    """False if the words to be read never stand in training data."""


def parquet_rows(files: Files) -> Iterator[dict[str, Any]]:
    """The rows of all Parquet files, in the order of their names."""
    found = list(files.entries(".parquet"))
    if not found:
        raise SourceError("there is no Parquet file")
    for entry in found:
        try:
            yield from pq.read_table(pa.BufferReader(files.read(entry))).to_pylist()
        except pa.ArrowInvalid as error:
            raise SourceError(f"{entry.name} is not Parquet: {error}") from None


def json_lines(files: Files) -> Iterator[dict[str, Any]]:
    """The rows of ``items.jsonl``."""
    for number, line in enumerate(read_file(files, _LINES).splitlines(), start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SourceError(f"{_LINES}, line {number} is not JSON: {error}") from None
        if not isinstance(row, dict):
            raise SourceError(f"{_LINES}, line {number} is not an object")
        yield row


def read_file(files: Files, name: str) -> str:
    """A text file that must be there."""
    try:
        return files.read(files.find(name)).decode("utf-8")
    except FileProblem:
        raise SourceError(f"{name} not found") from None
    except UnicodeDecodeError as error:
        raise SourceError(f"{name} is not UTF-8: {error}") from None


def field(row: dict[str, Any], name: str) -> Any:
    """A column that must be there."""
    if row.get(name) is None:
        raise SourceError(f"item {row.get('id', row.get('index', '?'))}: {name} is missing")
    return row[name]


def text_or_nothing(value: Any) -> str:
    """The text; "" for the ways in which published tables write that there is none."""
    text = "" if value is None else str(value).strip()
    return "" if text.lower() in _NOTHING else text


def embedded_image(row: dict[str, Any]) -> ImageRef:
    """The image inside a row, as the hub's Parquet files hold it."""
    image = field(row, "image")
    if not isinstance(image, dict) or not isinstance(image.get("bytes"), bytes):
        raise SourceError(f"item {row.get('index', '?')}: image holds no bytes")
    return ImageRef(image.get("path") or "", image["bytes"])


def read_picture(files: Files, name: str) -> ImageRef:
    """The image that a row names."""
    try:
        return ImageRef(name, files.read(files.find(name)))
    except FileProblem as reason:
        raise SourceError(f"item with image {name}: {reason}") from None


def right_letter(row: dict[str, Any], options: int) -> str:
    """The answer, which must be the letter of an option."""
    answer = str(field(row, "answer")).strip()
    if answer not in LETTERS[:options] or len(answer) != 1:
        raise SourceError(f"item {row.get('id', row.get('index', '?'))}: answer {answer!r} is no option's letter")
    return answer
