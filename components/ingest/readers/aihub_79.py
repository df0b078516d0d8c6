"""AI Hub 79 (food images): category archives in which an image's folder is its label; there is no JSON."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath

from components.archives.files import Files
from components.ingest.readers.reading import PICTURES, Content, chance, outcome
from components.ingest.records import IMAGE_MARK, BadRow, ImageRef, Message, Record, Rejected
from components.ingest.wording import Wording, load_wording
from components.params.schema import Source

TASKS = {"ask": {"noun"}, "answer": {"label"}}
"""What a wording for this reader must have."""


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record an image: what is this? its folder's name."""
    wording = load_wording(source.wording or "labels", TASKS)
    for entry in files.entries(*PICTURES):
        yield outcome(source, entry.name, partial(_content, entry.name, source, wording, seed))


def _content(path: str, source: Source, wording: Wording, seed: int) -> Content:
    label = PurePosixPath(path).parent.name
    if not label:
        raise BadRow("no label folder")
    rng = chance(seed, source, path)
    question = f"{IMAGE_MARK}\n{wording.say(rng, 'ask', noun=source.noun)}"
    return [ImageRef(path)], [Message("user", question), Message("assistant", wording.say(rng, "answer", label=label))]
