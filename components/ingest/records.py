"""What readers hand on: a record, or the reason why there is none."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

IMAGE_MARK = "<image>"
"""Stands in a question where an image belongs."""


class SourceError(ValueError):
    """A data set as a whole cannot be used; the message says what to change."""


@dataclass(frozen=True)
class Message:
    """One side of a turn; role is ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True)
class StoredImage:
    """An encoded image, and the name that it has in its data set."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Record:
    """One conversation about some images, or about none."""

    id: str
    source: str
    images: tuple[StoredImage, ...]
    conversation: tuple[Message, ...]
    licence: str
    split_key: str


@dataclass(frozen=True)
class Sample:
    """A record that passed the checks."""

    record: Record
    tokens: int


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


def nfc(text: str) -> str:
    """The text with composed Hangul; macOS and some archives hand out decomposed."""
    return unicodedata.normalize("NFC", text)


def is_text(value: object) -> bool:
    """Whether the value is text that can be stored (JSON can hold half characters, UTF-8 cannot)."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)
