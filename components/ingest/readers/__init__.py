"""One reader a layout. To add one: a file here with ``read``, a line in READERS, its name in the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from components.ingest.readers import aihub_79, aihub_81, llava
from components.ingest.records import Record, Rejected
from components.params.schema import Source

READERS: dict[str, Callable[[Path, Source], Iterator[Record | Rejected]]] = {
    "llava": llava.read,
    "aihub-79": aihub_79.read,
    "aihub-81": aihub_81.read,
}
"""Each yields one record, or one reason, for every row of the data set, in the data set's order."""
