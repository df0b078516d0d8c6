"""AI Hub 79 (food images): category archives in which an image's folder is its label; there is no JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from components.ingest.readers.pictures import PictureError, Pictures
from components.ingest.records import IMAGE_MARK, Message, Record, Rejected, SourceError, StoredImage
from components.ingest.split import split_key
from components.korean.particles import with_particle
from components.params.schema import Source


def read(folder: Path, source: Source) -> Iterator[Record | Rejected]:
    """One record an image: what is this? its folder's name."""
    pictures = Pictures(folder)
    question = f"{IMAGE_MARK}\n이 {with_particle(source.noun, '은')} 무엇인가요?"
    found = False
    for path in pictures.names():
        found = True
        label = PurePosixPath(path).parent.name
        if not label:
            yield Rejected(source.name, path, "no label folder")
            continue
        try:
            images = (StoredImage(path, pictures.read(path)),)
        except PictureError as reason:
            yield Rejected(source.name, path, str(reason))
            continue
        conversation = (Message("user", question), Message("assistant", label))
        key = split_key(images, conversation, source.key_pattern)
        yield Record(path, source.name, images, conversation, source.licence, key)
    if not found:
        raise SourceError(
            f"{folder} holds no image: expected archives such as 구이.zip with 구이/갈비구이/Img_000_0000.jpg"
        )
