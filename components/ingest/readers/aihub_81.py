"""AI Hub 81 (Korean text in the wild): images and one ``textinthewild_data_info.json`` with their boxes."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from components.archives.files import FileProblem, Files
from components.ingest.readers.boxes import four_numbers, frame
from components.ingest.readers.fields import id_text, mapping, row_name, text
from components.ingest.readers.json_rows import json_lists
from components.ingest.readers.ocr import TASKS, Word, converse, readable
from components.ingest.readers.reading import Content, chance, outcome
from components.ingest.records import BadRow, ImageRef, Record, Rejected, SourceError
from components.ingest.wording import Wording, load_wording
from components.params.schema import Source

LABELS = "textinthewild_data_info.json"
_NO_NAME, _NO_BOX = "image without file_name", "bbox is not four numbers"
_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE image (number INTEGER PRIMARY KEY, id TEXT, content TEXT);
CREATE TABLE annotation (number INTEGER PRIMARY KEY, image TEXT, content TEXT);
"""
_INDEXES = "CREATE INDEX by_id ON image (id); CREATE INDEX by_image ON annotation (image, number);"
_OF_IMAGE = "SELECT content FROM annotation WHERE image = ? ORDER BY number"
_FIRST_WITH_ID = "SELECT min(number) FROM image WHERE id = ?"
_STRAY = "SELECT image FROM annotation WHERE image NOT IN (SELECT id FROM image WHERE id IS NOT NULL) GROUP BY image"


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record an image: read what is written, then where some of the words are.

    Annotations stand apart from images and are millions, so both wait in a database until all have been read.
    """
    wording = load_wording(source.wording or "ocr", TASKS)
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "labels.sqlite")) as database:
        database.executescript(_TABLES)
        yield from _store(files, source, database)
        database.executescript(_INDEXES)
        for number, packed in database.execute("SELECT number, content FROM image ORDER BY number"):
            image = json.loads(packed)
            name = _name(image, number)
            yield outcome(source, name, partial(_content, image, number, database, wording, (seed, source)))
        for (stray,) in database.execute(f"{_STRAY} ORDER BY min(number)"):
            yield Rejected(source.name, f"image-{stray}", f"annotations without image: {stray}")


def _store(files: Files, source: Source, database: sqlite3.Connection) -> Iterator[Rejected]:
    """Fill the database; gives the annotations that cannot belong to an image."""
    for number, (kind, row) in enumerate(_rows(files)):
        if kind == "images":
            key = _key(row, "id")
            database.execute("INSERT INTO image VALUES (?, ?, ?)", (number, key, json.dumps(row)))
        elif not isinstance(row, dict):
            yield Rejected(source.name, f"annotation-{number}", f"annotation is not an object: {type(row).__name__}")
        elif (key := _key(row, "image_id")) is None:
            yield Rejected(source.name, f"annotation-{number}", "annotation without image_id")
        else:
            database.execute("INSERT INTO annotation VALUES (?, ?, ?)", (number, key, json.dumps(row)))


def _rows(files: Files) -> Iterator[tuple[str, Any]]:
    try:
        entry = files.find(LABELS)
    except FileProblem:
        raise SourceError(f"{LABELS} not found: it lies beside the images in AI Hub's data set 81") from None
    return json_lists(files, entry, ("images", "annotations"))


def _name(image: Any, number: int) -> str:
    return row_name(image.get("file_name") if isinstance(image, dict) else None, number)


def _key(row: Any, field: str) -> str | None:
    return id_text(row.get(field)) if isinstance(row, dict) else None


def _content(
    image: Any, number: int, database: sqlite3.Connection, wording: Wording, luck: tuple[int, Source]
) -> Content:
    name = text(mapping(image, _NO_NAME).get("file_name"), _NO_NAME)
    key = _key(image, "id")
    if key is None:
        raise BadRow("image without id")
    if database.execute(_FIRST_WITH_ID, (key,)).fetchone() != (number,):
        raise BadRow(f"id of two images: {key}")
    annotations = [json.loads(content) for (content,) in database.execute(_OF_IMAGE, (key,))]
    return [ImageRef(name)], converse(_words(image, annotations), wording, chance(*luck, name))


def _words(image: dict[str, Any], annotations: Sequence[dict[str, Any]]) -> list[Word]:
    size = frame(image.get("width"), image.get("height"))
    words = []
    for annotation in annotations:
        attributes = annotation.get("attributes")
        is_word = isinstance(attributes, dict) and attributes.get("class") == "word"
        if is_word and (said := readable(annotation.get("text"))) is not None:
            x, y, width, height = four_numbers(annotation.get("bbox"), _NO_BOX)
            words.append(Word(said, size.box(x, y, x + width, y + height)))
    return words
