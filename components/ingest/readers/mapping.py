"""Any layout, by a declaration of where to find what (``mapping`` in params.yaml)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from components.ingest.archives.files import Files
from components.ingest.readers.fields import row_name, text
from components.ingest.readers.reading import Content, chance, outcome
from components.ingest.readers.tables import TABLES
from components.ingest.records import IMAGE_MARK, BadRow, ImageRef, Message, Record, Rejected, SourceError, is_text
from components.ingest.wording import Wording, load_wording
from components.params.schema import Mapping, Source

_TASKS: dict[str, set[str]] = {"ask": set()}
_ROWS_FIELD = "rows"


@dataclass(frozen=True)
class _Paths:
    """The declared paths, compiled; None where there is none."""

    items: Any
    id: Any
    image: Any
    question: Any
    answer: Any


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record a row."""
    mapping = source.mapping
    assert mapping is not None  # the schema asks for one
    paths = _Paths(*(_compile(source, mapping, name) for name in ("items", "id", "image", "question", "answer")))
    wording = load_wording(source.wording or "questions", _TASKS)
    for number, row in enumerate(_rows(files, source, mapping)):
        name = row_name(_search(paths.id, row), number)
        yield outcome(source, name, partial(_content, row, paths, wording, chance(seed, source, name)))


def _compile(source: Source, mapping: Mapping, name: str) -> Any:
    path = getattr(mapping, name)
    if path is None:
        return None
    try:
        return jmespath.compile(path)
    except JMESPathError as error:
        raise SourceError(f"source {source.name}: mapping.{name} is no JMESPath: {path!r}: {error}") from None


def _rows(files: Files, source: Source, mapping: Mapping) -> Iterator[Any]:
    """Rows of all files whose names fit and that are of a known kind."""
    path = _compile(source, mapping, _ROWS_FIELD)
    found = False
    for entry in files.entries(*TABLES, origin=0):
        if not fnmatch(entry.name, mapping.files) and not fnmatch(entry.name, f"*/{mapping.files}"):
            continue
        found = True
        rows = TABLES[f".{entry.name.lower().rpartition('.')[2]}"](files, entry)
        for row in rows:
            if path is None:
                yield row
                continue
            inside = path.search(row)
            yield from inside if isinstance(inside, list) else [row]
    if not found:
        kinds = ", ".join(TABLES)
        raise SourceError(f"source {source.name}: {source.origin} holds no file {mapping.files!r} of the kinds {kinds}")


def _content(row: Any, paths: _Paths, wording: Wording, rng: random.Random) -> Content:
    items = [row] if paths.items is None else _search(paths.items, row)
    if not isinstance(items, list) or not items:
        raise BadRow(f"no items: path {_said(paths.items)} finds no list")
    turns: list[Message] = []
    for item in items:
        turns.append(Message("user", _question(item, paths, wording, rng)))
        turns.append(Message("assistant", _text(paths.answer, item, "answer")))
    images = _images(_search(paths.image, row)) if paths.image is not None else []
    turns[0] = Message("user", f"{IMAGE_MARK}\n" * len(images) + turns[0].content.replace(IMAGE_MARK, ""))
    return images, turns


def _question(item: Any, paths: _Paths, wording: Wording, rng: random.Random) -> str:
    return wording.say(rng, "ask") if paths.question is None else _text(paths.question, item, "question")


def _text(path: Any, item: Any, what: str) -> str:
    found = _search(path, item)
    if found is None:
        raise BadRow(f"no {what}: path {_said(path)} finds nothing")
    if isinstance(found, int | float) and not isinstance(found, bool):
        return repr(found)[:40]
    return text(found, f"{what} is no text")


def _images(found: Any) -> list[ImageRef]:
    """A name, a list of names, or images as Parquet files of the hub hold them."""
    if found is None:
        raise BadRow("no image: the path finds nothing")
    return [_image(one) for one in (found if isinstance(found, list) else [found])]


def _image(found: Any) -> ImageRef:
    if isinstance(found, bytes):
        return ImageRef("", found)
    if isinstance(found, dict) and isinstance(found.get("bytes"), bytes):
        path = found.get("path")
        return ImageRef(path if is_text(path) else "", found["bytes"])
    if isinstance(found, dict):
        found = found.get("path")
    return ImageRef(text(found, "image is not a path"))


def _search(path: Any, value: Any) -> Any:
    if path is None:
        return None
    try:
        return path.search(value)
    except JMESPathError:  # a function that does not fit this value
        return None


def _said(path: Any) -> str:
    return f"`{path.expression}`"
