"""Any layout, by a declaration of where to find what (``mapping`` in params.yaml)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from components.archives.files import Files
from components.ingest.readers.fields import number, row_name
from components.ingest.readers.paths import RowPath
from components.ingest.readers.reading import Content, chance, outcome
from components.ingest.readers.tables import FORMATS, table_rows
from components.ingest.records import IMAGE_MARK, BadRow, ImageRef, Message, Record, Rejected, SourceError, is_text, nfc
from components.ingest.wording import Wording, load_wording
from components.params.schema import Mapping, Source

TASKS: dict[str, set[str]] = {"ask": set()}
"""What a wording must have."""


@dataclass(frozen=True)
class _Paths:
    """The declared paths; None where there is none."""

    rows: RowPath | None
    items: RowPath | None
    id: RowPath | None
    image: RowPath | None
    question: RowPath | None
    answer: RowPath


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record a row."""
    assert source.mapping is not None  # the schema asks for one
    paths = _paths(source, source.mapping)
    wording = load_wording(source.wording or "questions", TASKS)
    for place, row in enumerate(_rows(files, source, source.mapping, paths)):
        name = _name(row, paths, place)
        yield outcome(source, name, partial(_content, name, row, paths, wording, chance(seed, source, name)))


def _paths(source: Source, mapping: Mapping) -> _Paths:
    def path(name: str) -> Any:
        expression = getattr(mapping, name)
        return expression and RowPath(f"mapping.{name} of source {source.name}", expression)

    return _Paths(*(path(name) for name in ("rows", "items", "id", "image", "question", "answer")))


def _rows(files: Files, source: Source, mapping: Mapping, paths: _Paths) -> Iterator[Any]:
    """Rows of all files that are of a known format and whose names fit."""
    found = False
    for entry in files.entries(*FORMATS, origin=0):
        if fnmatchcase(entry.name, mapping.files) or fnmatchcase(entry.name, f"*/{mapping.files}"):
            found = True
            yield from table_rows(files, entry, paths.rows)
    if not found:
        formats = ", ".join(FORMATS)
        raise SourceError(
            f"source {source.name}: {source.origin} has no file ({formats}) with a name like "
            f"mapping.files `{mapping.files}`"
        )


def _name(row: Any, paths: _Paths, place: int) -> str:
    try:
        return row_name(paths.id.search(row) if paths.id and not isinstance(row, BadRow) else None, place)
    except BadRow:
        return row_name(None, place)


def _content(name: str, row: Any, paths: _Paths, wording: Wording, rng: random.Random) -> Content:
    if isinstance(row, BadRow):
        raise row
    images = _images(name, row, paths.image) if paths.image else []
    turns: list[Message] = []
    for item in _items(row, paths.items):
        question = _text("question", item, paths.question) if paths.question else wording.say(rng, "ask")
        turns += [Message("user", question), Message("assistant", _text("answer", item, paths.answer))]
    if not any(IMAGE_MARK in turn.content for turn in turns):
        turns[0] = Message("user", f"{IMAGE_MARK}\n" * len(images) + turns[0].content)
    return images, turns


def _items(row: Any, path: RowPath | None) -> list[Any]:
    items = [row] if path is None else path.search(row)
    if not isinstance(items, list) or not items:
        raise BadRow(f"no items: {path} finds no list, or an empty one")
    return items


def _text(what: str, item: Any, path: RowPath) -> str:
    found = path.search(item)
    if found is None:
        raise BadRow(f"no {what}: {path} finds nothing")
    if is_text(found):
        return nfc(found)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise BadRow(f"{what} is not text: {type(found).__name__}")
    return f"{number(found, f'{what} is not text: {type(found).__name__}'):.15g}"


def _images(name: str, row: Any, path: RowPath) -> list[ImageRef]:
    """Names, or images as Parquet files of the hub hold them; none for "" and an empty list."""
    found = path.search(row)
    if found is None:
        raise BadRow(f"no image: {path} finds nothing")
    given = found if isinstance(found, list) else [found] if found != "" else []
    return [_image(name, one) for one in given]


def _image(name: str, given: Any) -> ImageRef:
    """A name, bytes, or ``{bytes, path}``; an image without a name is called like its row."""
    path, data = (given.get("path"), given.get("bytes")) if isinstance(given, dict) else (given, given)
    shown = nfc(path) if is_text(path) and path else name
    if isinstance(data, bytes):
        return ImageRef(shown, data)
    if not is_text(path) or not path:
        raise BadRow(f"image is neither a name nor bytes: {type(path).__name__}")
    return ImageRef(shown)
