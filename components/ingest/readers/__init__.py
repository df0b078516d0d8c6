"""One reader a layout. To add one: a file here with ``read``, a line in READERS, its name in the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from components.archives.files import Files
from components.ingest.readers import aihub_79, aihub_81, aihub_144, aihub_71357, aihub_71730, llava, mapping
from components.ingest.records import Record, Rejected
from components.params.schema import Source

READERS: dict[str, Callable[[Files, Source, int], Iterator[Record | Rejected]]] = {
    "llava": llava.read,
    "aihub-79": aihub_79.read,
    "aihub-81": aihub_81.read,
    "aihub-144": aihub_144.read,
    "aihub-71357": aihub_71357.read,
    "aihub-71730": aihub_71730.read,
    "mapping": mapping.read,
}
"""Each takes the data set's files, its declaration and the seed, and yields one record, or one reason, for every row of
the data set, in the data set's order."""
