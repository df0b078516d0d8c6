"""Four-way choice with images beside: ``items.jsonl`` with id, image, question, options, answer, category."""

from __future__ import annotations

from collections.abc import Iterator

from components.ingest.archives.files import Files
from components.ingest.benchmarks.item import Item, field, json_lines, read_picture, right_letter
from components.prompts import choice


def read(files: Files) -> Iterator[Item]:
    """Worded as K-DTCBench is: no published wording exists."""
    for row in json_lines(files):
        options = [str(option) for option in field(row, "options")]
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, field(row, "image")),
            prompt=choice.k_dtcbench(field(row, "question"), options),
            references=(right_letter(row, len(options)),),
            prompt_version=choice.VERSION,
            category=str(field(row, "category")),
        )
