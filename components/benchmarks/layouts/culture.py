"""Four-way choice with images beside: ``items.jsonl`` with id, image, question, options, answer, category."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import Item
from components.benchmarks.reading import field, json_lines, read_picture, right_letter
from components.prompts import choice
from components.scoring.choice import score_choice
from components.scoring.parsers import PARSER_VERSION


def read(files: Files) -> Iterator[Item]:
    """Worded as K-DTCBench is: no published wording exists."""
    for row in json_lines(files):
        options = tuple(str(option) for option in field(row, "options"))
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, field(row, "image")),
            prompt=choice.k_dtcbench(field(row, "question"), options),
            references=(right_letter(row, options),),
            options=options,
            category=str(field(row, "category")),
        )


BENCHMARK = Benchmark("culture", choice.VERSION, read, score_choice, PARSER_VERSION, answers="letter")
