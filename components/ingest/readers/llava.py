"""LLaVA's JSON: ``[{id, image, conversations: [{from: human|gpt, value}]}]``, in one file beside its images."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from components.archives.files import Entry, Files
from components.ingest.readers.fields import mapping, row_name
from components.ingest.readers.json_rows import json_rows
from components.ingest.readers.reading import Content, outcome
from components.ingest.records import BadRow, ImageRef, Message, Record, Rejected, SourceError, is_text, nfc
from components.params.schema import Source

_MAIN_FILE = "chat.json"
_ROLES = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record a row. Rows without an ``image`` key are text only; ids may be numbers."""
    for number, row in enumerate(json_rows(files, _main_file(files, source))):
        name = row_name(row.get("id") if isinstance(row, dict) else None, number)
        yield outcome(source, name, partial(_content, row))


def _main_file(files: Files, source: Source) -> Entry:
    listed = list(files.entries(".json", ".jsonl", origin=0))
    found = [entry for entry in listed if not entry.archive] or listed
    main = [entry for entry in found if entry.name == _MAIN_FILE] or found
    if len(main) != 1:
        names = ", ".join(entry.name for entry in found[:5])
        raise SourceError(
            f"source {source.name}: {source.origin} has {len(found)} JSON files ({names or 'none'}): "
            f"keep one, name the wanted one {_MAIN_FILE}, or name it in the origin"
        )
    return main[0]


def _content(row: Any) -> Content:
    row = mapping(row, f"row is not an object: {type(row).__name__}")
    turns = row.get("conversations")
    if not isinstance(turns, list):
        raise BadRow("no list of conversations")
    return _images(row.get("image")), [_message(turn) for turn in turns]


def _message(turn: Any) -> Message:
    if not isinstance(turn, dict) or not is_text(turn.get("value")):
        raise BadRow("turn without text")
    speaker = turn.get("from")
    if not isinstance(speaker, str) or speaker not in _ROLES:
        raise BadRow(f"unknown speaker: {speaker!r:.40}")
    return Message(_ROLES[speaker], turn["value"])


def _images(given: Any) -> list[ImageRef]:
    if given is None or given == "":
        return []
    paths = given if isinstance(given, list) else [given]
    if not all(is_text(path) and path for path in paths):
        raise BadRow("image is not a path")
    return [ImageRef(nfc(path)) for path in paths]
