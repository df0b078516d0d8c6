"""What all readers share: names of pictures, chance, and the outcome of a row."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from components.archives.files import FileProblem, Files
from components.ingest.records import BadRow, ImageRef, Message, Record, Rejected, make_record
from components.params.schema import Source

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff")
"""How images' names end."""
Content = tuple[Sequence[ImageRef], Sequence[Message]]
"""Images and conversation of a row."""


def find_beside(files: Files, stem: str, endings: Sequence[str]) -> str | None:
    """The file with the stem of another, in whatever archive and folder above theirs: the one that agrees longest.

    Args:
        files: of the data set.
        stem: the other's path without its ending.
        endings: of the wanted file, as ``.json``; in capitals, too.
    """
    parts = stem.split("/")
    for ending in (*endings, *(ending.upper() for ending in endings)):
        for start in range(len(parts)):
            try:
                return files.find("/".join(parts[start:]) + ending).name
            except FileProblem:
                continue
    return None


def picture_of(files: Files, name: str) -> str:
    """An image's name; some labels leave its ending out, which is found among the files."""
    return name if name.lower().endswith(PICTURES) else find_beside(files, name, PICTURES) or name


def outcome(source: Source, name: str, read: Callable[[], Content]) -> Record | Rejected:
    """The row's record, or why there is none."""
    try:
        images, conversation = read()
    except BadRow as reason:
        return Rejected(source.name, name, str(reason))
    return make_record(source, name, images, conversation)


def chance(seed: int, source: Source, name: str) -> random.Random:
    """The same for the same row, whatever was read before it."""
    return random.Random(f"{seed} {source.name} {name}")
