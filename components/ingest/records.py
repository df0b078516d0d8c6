"""What readers hand on: a record, or the reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from components.archives.errors import BadRow, SourceError
from components.korean.text import is_text, nfc
from components.params.schema import Source

__all__ = ["BadRow", "ImageRef", "Message", "Record", "Rejected", "SourceError", "is_text", "make_record", "nfc"]

IMAGE_MARK = "<image>"
"""Stands in a question where an image belongs."""


@dataclass(frozen=True)
class Message:
    """One side of a turn; role is ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True)
class ImageRef:
    """An image as a row names it; ``data`` is set where the row itself holds the encoded image."""

    path: str
    data: bytes | None = None


@dataclass(frozen=True)
class Record:
    """One conversation about some images, or about none. Images are read later, by many processes."""

    id: str
    source: str
    images: tuple[ImageRef, ...]
    conversation: tuple[Message, ...]
    licence: str
    split_key: str
    """What the first image's name says of its split, if the source declares ``key_pattern``; "": content decides."""


@dataclass(frozen=True)
class Rejected:
    """A row that is not used. Rows with the same fault have the same reason up to its colon."""

    source: str
    id: str
    reason: str

    @property
    def fault(self) -> str:
        """The reason without what is particular to this row."""
        return self.reason.partition(":")[0]


def make_record(source: Source, name: str, images: Sequence[ImageRef], conversation: Sequence[Message]) -> Record:
    """A record of a source; what all its records share comes from its declaration."""
    found = re.search(source.key_pattern, images[0].path) if images and source.key_pattern else None
    key = found.group(1) if found else ""
    return Record(name, source.name, tuple(images), tuple(conversation), source.licence, key)
