"""AI Hub's Korean captions of MS COCO: ``[{file_path, id, caption_ko: [...]}]``, images beside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from components.ingest.layouts.item import Item, field, read_picture
from components.ingest.readers.pictures import Pictures
from components.ingest.records import SourceError
from components.prompts import caption

LABELS = "MSCOCO_train_val_Korean.json"


def read(folder: Path) -> Iterator[Item]:
    """One item an image, with all its captions as references."""
    path = folder / LABELS
    if not path.is_file():
        raise SourceError(f"{path} not found")
    pictures = Pictures(folder)
    for row in json.loads(path.read_text(encoding="utf-8")):
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(pictures, field(row, "file_path")),
            prompt=caption.QUESTION,
            references=tuple(field(row, "caption_ko")),
            prompt_version=caption.VERSION,
        )
