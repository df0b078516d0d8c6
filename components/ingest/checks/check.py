"""All checks, on some records at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from components.archives.files import Files
from components.ingest.checks.images import StoredImage, store_image
from components.ingest.checks.length import Fitted, fit
from components.ingest.checks.rules import Rules
from components.ingest.checks.text import clean_conversation
from components.ingest.records import BadRow, ImageRef, Record, Rejected


@dataclass(frozen=True)
class Sample:
    """A record that passed the checks."""

    record: Record
    """With its conversation in its final form."""
    images: tuple[StoredImage, ...]
    tokens: int


def check_all(entries: Sequence[Record | Rejected], files: Files, rules: Rules) -> list[Sample | Rejected]:
    """Each record in its final form, or why it is refused; in the same order. Text comes first, as it costs least."""
    cleaned = [entry if isinstance(entry, Rejected) else _clean(entry, rules) for entry in entries]
    fitted = iter(fit([entry.conversation for entry in cleaned if isinstance(entry, Record)], rules))
    return [
        entry if isinstance(entry, Rejected) else _finish(entry, next(fitted), files, rules.image_side)
        for entry in cleaned
    ]


def _clean(record: Record, rules: Rules) -> Record | Rejected:
    try:
        turns = clean_conversation(record.conversation, len(record.images), rules.reserved)
    except BadRow as reason:
        return Rejected(record.source, record.id, str(reason))
    return replace(record, conversation=turns)


def _finish(record: Record, fitted: Fitted, files: Files, image_side: int) -> Sample | Rejected:
    try:
        if isinstance(fitted, BadRow):
            raise fitted
        images = tuple(_image(image, files, image_side) for image in record.images)
    except BadRow as reason:
        return Rejected(record.source, record.id, str(reason))
    turns, tokens = fitted
    return Sample(replace(record, conversation=turns), images, tokens)


def _image(image: ImageRef, files: Files, side: int) -> StoredImage:
    data = files.read(files.find(image.path)) if image.data is None else image.data
    return store_image(data, side)
