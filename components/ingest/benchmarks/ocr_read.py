"""What is written here? ``items.jsonl`` with id, image, text and seen (whether training shows the words)."""

from __future__ import annotations

from collections.abc import Iterator

from components.ingest.archives.files import Files
from components.ingest.benchmarks.item import Item, field, json_lines, read_picture

PROMPT, PROMPT_VERSION = "그림에 쓰인 글자를 읽어 주세요.", "ocr-read-1"


def read(files: Files) -> Iterator[Item]:
    """One item an image."""
    for row in json_lines(files):
        seen = bool(field(row, "seen"))
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, field(row, "image")),
            prompt=PROMPT,
            references=(field(row, "text"),),
            prompt_version=PROMPT_VERSION,
            category="seen words" if seen else "unseen words",
            seen=seen,
        )
