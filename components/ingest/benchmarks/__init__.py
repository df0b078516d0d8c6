"""Benchmarks, one file a layout. To add one: a file with ``read``, a line in LAYOUTS, a name in the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from components.ingest.archives.files import Files
from components.ingest.benchmarks import (
    captions,
    culture,
    k_dtcbench,
    k_mmbench,
    ocr_box,
    ocr_read,
    short_answer,
)
from components.ingest.benchmarks.item import Item

LAYOUTS: dict[str, Callable[[Files], Iterator[Item]]] = {
    "k-dtcbench": k_dtcbench.read,
    "k-mmbench": k_mmbench.read,
    "culture": culture.read,
    "captions": captions.read,
    "ocr-box": ocr_box.read,
    "ocr-read": ocr_read.read,
    "short-answer": short_answer.read,
}
"""Each yields the items among some files, in order, and raises SourceError at the first that cannot be used."""
