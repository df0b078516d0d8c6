"""Data sets with many label files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.ingest.archives.files import Files
from components.ingest.readers.json_rows import json_rows
from components.ingest.records import SourceError
from components.params.schema import Source


def labelled_rows(files: Files, source: Source) -> Iterator[Any]:
    """The rows of all JSON files where the data set's rows lie, sorted by name; a root list gives its elements.

    Raises:
        SourceError: if there is no JSON file, or one of them is broken.
    """
    found = False
    for entry in files.entries(".json", origin=0):
        found = True
        yield from json_rows(files, entry)
    if not found:
        raise SourceError(f"source {source.name}: {source.origin} holds no JSON file")
