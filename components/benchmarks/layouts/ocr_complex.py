"""Questions on charts, diagrams and graphs, whose answers a judge compares with the reference. ``items.jsonl`` with id,
image, question, answer and category."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import Item
from components.benchmarks.reading import field, json_lines, read_picture
from components.scoring.judged import score_same_meaning


def read(files: Files) -> Iterator[Item]:
    """The question alone is the prompt."""
    for row in json_lines(files):
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, field(row, "image")),
            prompt=field(row, "question"),
            references=(str(field(row, "answer")),),
            category=str(field(row, "category")),
        )


BENCHMARK = Benchmark(
    "ocr", "question-alone-1", read, score_same_meaning, parser_version="none", judge_template="same-meaning"
)
