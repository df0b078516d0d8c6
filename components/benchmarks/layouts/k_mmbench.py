"""NCSOFT/K-MMBench: each question several times, with rotated options; ``index`` tells which are one."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import Item
from components.benchmarks.reading import (
    embedded_picture,
    field,
    read_options,
    right_letter,
    table_rows,
    text_or_nothing,
)
from components.prompts import choice
from components.scoring.choice import score_rotated_choice
from components.scoring.parsers import PARSER_VERSION

_ROTATION_STEP = 1_000_000


def read(files: Files) -> Iterator[Item]:
    """Columns: index, question, hint, A..D, answer, category, image. Hint and options may be "nan"."""
    for row in table_rows(files):
        index, options = int(field(row, "index")), read_options(row)
        yield Item(
            item_id=str(index),
            image=embedded_picture(row),
            prompt=choice.k_mmbench(field(row, "question"), options, text_or_nothing(row.get("hint"))),
            references=(right_letter(row, options),),
            options=options,
            category=str(field(row, "category")),
            group=str(index % _ROTATION_STEP),
        )


BENCHMARK = Benchmark("closed", choice.VERSION, read, score_rotated_choice, PARSER_VERSION, answers="letter")
