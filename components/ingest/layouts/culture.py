"""Four-way choice with images beside: ``items.jsonl`` with id, image, question, options, answer, category."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from components.ingest.layouts.item import Item, field, json_lines, read_picture, right_letter
from components.ingest.readers.pictures import Pictures
from components.prompts import choice


def read(folder: Path) -> Iterator[Item]:
    """Worded as K-DTCBench is: no published wording exists."""
    pictures = Pictures(folder)
    for row in json_lines(folder):
        options = [str(option) for option in field(row, "options")]
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(pictures, field(row, "image")),
            prompt=choice.k_dtcbench(field(row, "question"), options),
            references=(right_letter(row, len(options)),),
            prompt_version=choice.VERSION,
            category=str(field(row, "category")),
        )
