"""ddehun/k-viscuit (arXiv:2406.16469): 657 questions on Korean culture with four options, asked in English."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import BenchmarkError, Item
from components.benchmarks.reading import LETTERS, Row, embedded_picture, field, table_rows
from components.prompts import choice
from components.scoring.choice import score_choice
from components.scoring.parsers import PARSER_VERSION


def read(files: Files) -> Iterator[Item]:
    """Columns: id_, question, options (a list), answer (its place, from 0), category, image."""
    for row in table_rows(files):
        options = tuple(str(option) for option in field(row, "options"))
        yield Item(
            item_id=str(field(row, "id_")),
            image=embedded_picture(row),
            prompt=choice.k_dtcbench(field(row, "question"), options),
            references=(_letter(row, len(options)),),
            options=options,
            category=str(field(row, "category")),
        )


def _letter(row: Row, options: int) -> str:
    place = field(row, "answer")
    if not isinstance(place, int) or not 0 <= place < options:
        raise BenchmarkError(f"item {field(row, 'id_')}: answer {place!r} is no option's place")
    return LETTERS[place]


BENCHMARK = Benchmark("culture", choice.VERSION, read, score_choice, PARSER_VERSION, answers="letter")
