"""NCSOFT/K-DTCBench: documents, tables and charts with four options."""

from __future__ import annotations

from collections.abc import Iterator

from components.ingest.archives.files import Files
from components.ingest.benchmarks.item import Item, embedded_image, field, parquet_rows, right_letter
from components.prompts import choice


def read(files: Files) -> Iterator[Item]:
    """Columns: index, question, choice_a..choice_d, answer, category, image."""
    for row in parquet_rows(files):
        options = [str(field(row, f"choice_{letter}")) for letter in "abcd"]
        yield Item(
            item_id=str(field(row, "index")),
            image=embedded_image(row),
            prompt=choice.k_dtcbench(field(row, "question"), options),
            references=(right_letter(row, len(options)),),
            prompt_version=choice.VERSION,
            category=str(field(row, "category")),
        )
