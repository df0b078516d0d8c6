"""AI Hub 71730 (multilingual OCR): ``{Images: {file_name, width, height}, Annotation: [{text, polygon_points}]}``."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

from components.ingest.archives.files import Files
from components.ingest.readers.boxes import around, frame
from components.ingest.readers.fields import mapping, row_name, text
from components.ingest.readers.label_files import labelled_rows
from components.ingest.readers.ocr import TASKS, Word, converse, readable
from components.ingest.readers.reading import Content, chance, outcome
from components.ingest.records import BadRow, ImageRef, Record, Rejected
from components.ingest.wording import Wording, load_wording
from components.params.schema import Source

_POINTS = "polygon_points are not points"


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record an image: read what is written, then where some of the words are. A label file may hold one or many."""
    wording = load_wording(source.wording or "ocr", TASKS)
    for number, row in enumerate(labelled_rows(files, source)):
        image = row.get("Images") if isinstance(row, dict) else None
        name = row_name(image.get("file_name") if isinstance(image, dict) else None, number)
        yield outcome(source, name, partial(_content, row, wording, chance(seed, source, name)))


def _content(row: Any, wording: Wording, rng: random.Random) -> Content:
    row = mapping(row, f"row is not an object: {type(row).__name__}")
    image = mapping(row.get("Images"), "no Images")
    name = text(image.get("file_name"), "image without file_name")
    size = frame(image.get("width"), image.get("height"))
    annotations = row.get("Annotation")
    if not isinstance(annotations, list):
        raise BadRow("no list Annotation")
    words = []
    for annotation in annotations:
        fields = mapping(annotation, "annotation is not an object")
        said = readable(fields.get("text"))
        if said is not None:
            words.append(Word(said, around(fields.get("polygon_points"), size, _POINTS)))
    return [ImageRef(name)], converse(words, wording, rng)
