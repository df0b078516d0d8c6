"""LLaVA's JSON: ``[{id, image, conversations: [{from: human|gpt, value}]}]``, images loose or zipped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.ingest.readers.pictures import PictureError, Pictures
from components.ingest.records import Message, Record, Rejected, SourceError, StoredImage, is_text
from components.ingest.split import split_key
from components.params.schema import Source

_MAIN_FILE = "chat.json"
_ROLES = {"human": "user", "gpt": "assistant"}


class _BadRow(ValueError):
    """A row that does not have the layout; the text is the reason."""


def read(folder: Path, source: Source) -> Iterator[Record | Rejected]:
    """One record a row. Rows without an ``image`` key are text only; ids may be numbers."""
    pictures = Pictures(folder)
    for number, row in enumerate(_rows(folder)):
        name = _row_id(row, number)
        try:
            conversation = _conversation(row)
            images = tuple(StoredImage(path, pictures.read(path)) for path in _image_paths(row))
        except (_BadRow, PictureError) as reason:
            yield Rejected(source.name, name, str(reason))
            continue
        key = split_key(images, conversation, source.key_pattern)
        yield Record(name, source.name, images, conversation, source.licence, key)


def _rows(folder: Path) -> list[Any]:
    path = folder / _MAIN_FILE
    if not path.is_file():
        found = sorted(folder.glob("*.json"))
        if len(found) != 1:
            raise SourceError(f"{folder} has {len(found)} JSON files: keep one, or name the wanted one {_MAIN_FILE}")
        path = found[0]
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SourceError(f"{path} is not JSON in UTF-8: {error}") from None
    if not isinstance(rows, list):
        raise SourceError(f"{path} holds {type(rows).__name__}, expected a list of conversations")
    return rows


def _row_id(row: Any, number: int) -> str:
    given = row.get("id") if isinstance(row, dict) else None
    usable = isinstance(given, int) or (is_text(given) and given != "")
    return str(given) if usable else f"row-{number}"


def _conversation(row: Any) -> tuple[Message, ...]:
    if not isinstance(row, dict):
        raise _BadRow(f"row is not an object: {type(row).__name__}")
    turns = row.get("conversations")
    if not isinstance(turns, list):
        raise _BadRow("no list of conversations")
    return tuple(_message(turn) for turn in turns)


def _message(turn: Any) -> Message:
    if not isinstance(turn, dict) or not is_text(turn.get("value")):
        raise _BadRow("turn without text")
    speaker = turn.get("from")
    if not isinstance(speaker, str) or speaker not in _ROLES:
        raise _BadRow(f"unknown speaker: {speaker!r}")
    return Message(_ROLES[speaker], turn["value"])


def _image_paths(row: dict[str, Any]) -> list[str]:
    given = row.get("image")
    if given is None or given == "":
        return []
    paths = given if isinstance(given, list) else [given]
    if not all(is_text(path) and path for path in paths):
        raise _BadRow("image is not a path")
    return paths
