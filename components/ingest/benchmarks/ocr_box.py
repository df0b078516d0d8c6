"""Where is this text? ``items.jsonl`` with id, image, text, bbox [x, y, w, h], width and height in pixels."""

from __future__ import annotations

from collections.abc import Iterator

from components.ingest.archives.files import Files
from components.ingest.benchmarks.item import Item, field, json_lines, read_picture
from components.ingest.records import SourceError
from components.korean.particles import with_particle

PROMPT_VERSION = "ocr-box-1"


def read(files: Files) -> Iterator[Item]:
    """The reference is the box ``[x1,y1,x2,y2]`` in shares of the image, with two decimals."""
    for row in json_lines(files):
        subject = with_particle(f"'{field(row, 'text')}'", "은")
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, field(row, "image")),
            prompt=f"{subject} 어느 자리에 있는지 상자로 답하세요.",
            references=(_box(row),),
            prompt_version=PROMPT_VERSION,
            category="word",
        )


def _box(row: dict) -> str:
    x, y, w, h = field(row, "bbox")
    width, height = field(row, "width"), field(row, "height")
    corners = (x / width, y / height, (x + w) / width, (y + h) / height)
    if not (0 <= corners[0] < corners[2] <= 1 and 0 <= corners[1] < corners[3] <= 1):
        raise SourceError(f"item {field(row, 'id')}: bbox {row['bbox']} is not inside {width} x {height}")
    return "[" + ",".join(f"{corner:.2f}" for corner in corners) + "]"
