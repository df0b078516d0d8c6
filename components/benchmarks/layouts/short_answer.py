"""Open questions with short answers: ``items.jsonl`` with id, question, answer, category, maybe image."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import Item
from components.benchmarks.reading import field, json_lines, read_picture
from components.scoring.short_answer import score_short_answers


def read(files: Files) -> Iterator[Item]:
    """The question is the prompt."""
    for row in json_lines(files):
        name = row.get("image")
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, name) if name else None,
            prompt=field(row, "question"),
            references=(field(row, "answer"),),
            category=str(field(row, "category")),
        )


BENCHMARK = Benchmark("open", "short-answer-1", read, score_short_answers, parser_version="text-1")
