"""Where is this text? ``items.jsonl`` with id, image, text, bbox [x, y, w, h], width and height in pixels."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import BenchmarkError, Item
from components.benchmarks.reading import Row, field, json_lines, read_picture
from components.korean.particles import with_particle
from components.scoring.boxes import score_boxes
from components.scoring.parsers import PARSER_VERSION


def read(files: Files) -> Iterator[Item]:
    """The reference is the box ``[x1,y1,x2,y2]`` in shares of the image, with two decimals."""
    for row in json_lines(files):
        subject = with_particle(f"'{field(row, 'text')}'", "은")
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, field(row, "image")),
            prompt=f"{subject} 어느 자리에 있는지 상자로 답하세요.",
            references=(_box(row),),
            category="word",
        )


def _box(row: Row) -> str:
    x, y, w, h = field(row, "bbox")
    width, height = field(row, "width"), field(row, "height")
    corners = (x / width, y / height, (x + w) / width, (y + h) / height)
    if not (0 <= corners[0] < corners[2] <= 1 and 0 <= corners[1] < corners[3] <= 1):
        raise BenchmarkError(f"item {field(row, 'id')}: bbox {row['bbox']} is not inside {width} x {height}")
    return "[" + ",".join(f"{corner:.2f}" for corner in corners) + "]"


BENCHMARK = Benchmark("ocr", "ocr-box-1", read, score_boxes, PARSER_VERSION)
