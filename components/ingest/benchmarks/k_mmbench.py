"""NCSOFT/K-MMBench: each question several times, with rotated options; ``index`` tells which are one."""

from __future__ import annotations

from collections.abc import Iterator

from components.ingest.archives.files import Files
from components.ingest.benchmarks.item import (
    Item,
    embedded_image,
    field,
    parquet_rows,
    right_letter,
    text_or_nothing,
)
from components.prompts import choice

_ROTATION_STEP = 1_000_000


def read(files: Files) -> Iterator[Item]:
    """Columns: index, question, hint, A..D, answer, category, image. Hint and options may be "nan"."""
    for row in parquet_rows(files):
        index = int(field(row, "index"))
        options = [text for letter in choice.LETTERS if (text := text_or_nothing(row.get(letter)))]
        yield Item(
            item_id=str(index),
            image=embedded_image(row),
            prompt=choice.k_mmbench(field(row, "question"), options, text_or_nothing(row.get("hint"))),
            references=(right_letter(row, len(options)),),
            prompt_version=choice.VERSION,
            category=str(field(row, "category")),
            group=str(index % _ROTATION_STEP),
        )
