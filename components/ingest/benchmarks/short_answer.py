"""Open questions with short answers: ``items.jsonl`` with id, question, answer, category, maybe image."""

from __future__ import annotations

from collections.abc import Iterator

from components.ingest.archives.files import Files
from components.ingest.benchmarks.item import Item, field, json_lines, read_picture

PROMPT_VERSION = "short-answer-1"


def read(files: Files) -> Iterator[Item]:
    """The question is the prompt."""
    for row in json_lines(files):
        name = row.get("image")
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, name) if name else None,
            prompt=field(row, "question"),
            references=(field(row, "answer"),),
            prompt_version=PROMPT_VERSION,
            category=str(field(row, "category")),
        )
