"""NCSOFT/K-MMStar: questions that cannot be answered without the picture; their options stand inside them."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import Item
from components.benchmarks.reading import embedded_picture, field, right_letter, table_rows
from components.prompts import choice
from components.scoring.choice import score_macro_choice
from components.scoring.parsers import PARSER_VERSION
from components.scoring.parsers.options import read_options

_OPTIONS = "ABCD"


def read(files: Files) -> Iterator[Item]:
    """Columns: index, question, answer, category, l2_category, image. The finer category is kept: the macro mean is
    over it."""
    for row in table_rows(files):
        question = field(row, "question")
        yield Item(
            item_id=str(field(row, "index")),
            image=embedded_picture(row),
            prompt=choice.k_mmstar(question),
            references=(right_letter(row, _OPTIONS),),
            options=tuple(read_options(question)),
            category=str(field(row, "l2_category")),
        )


BENCHMARK = Benchmark("closed", choice.VERSION, read, score_macro_choice, PARSER_VERSION, answers="letter")
