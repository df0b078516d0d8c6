"""What is written here? ``items.jsonl`` with id, image, text and seen (whether training shows the words)."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import Item
from components.benchmarks.reading import field, json_lines, read_picture
from components.scoring.reading import score_reading

PROMPT = "그림에 쓰인 글자를 읽어 주세요."


def read(files: Files) -> Iterator[Item]:
    """One item an image."""
    for row in json_lines(files):
        seen = bool(row.get("seen", True))
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, field(row, "image")),
            prompt=PROMPT,
            references=(field(row, "text"),),
            category="seen words" if seen else "unseen words",
            seen=seen,
        )


BENCHMARK = Benchmark("ocr", "ocr-read-1", read, score_reading, parser_version="text-1")
