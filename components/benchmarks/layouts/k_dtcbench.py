"""NCSOFT/K-DTCBench: documents, tables and charts with four options."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import Item
from components.benchmarks.reading import embedded_picture, field, read_options, right_letter, table_rows
from components.prompts import choice
from components.scoring.choice import score_choice
from components.scoring.parsers import PARSER_VERSION


def read(files: Files) -> Iterator[Item]:
    """Columns: index, question, choice_a..choice_d, answer, category, image."""
    for row in table_rows(files):
        options = read_options(row)
        yield Item(
            item_id=str(field(row, "index")),
            image=embedded_picture(row),
            prompt=choice.k_dtcbench(field(row, "question"), options),
            references=(right_letter(row, options),),
            options=options,
            category=str(field(row, "category")),
        )


BENCHMARK = Benchmark("closed", choice.VERSION, read, score_choice, PARSER_VERSION, answers="letter")
