"""Open questions with short answers: ``items.jsonl`` with id, question, answer, category, maybe image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from components.ingest.layouts.item import Item, field, json_lines, read_picture
from components.ingest.readers.pictures import Pictures

PROMPT_VERSION = "short-answer-1"


def read(folder: Path) -> Iterator[Item]:
    """The question is the prompt."""
    pictures = Pictures(folder)
    for row in json_lines(folder):
        name = row.get("image")
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(pictures, name) if name else None,
            prompt=field(row, "question"),
            references=(field(row, "answer"),),
            prompt_version=PROMPT_VERSION,
            category=str(field(row, "category")),
        )
