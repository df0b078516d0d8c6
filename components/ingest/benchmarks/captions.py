"""AI Hub's Korean captions of MS COCO: ``[{file_path, id, caption_ko: [...]}]``, images beside."""

from __future__ import annotations

import json
from collections.abc import Iterator

from components.ingest.archives.files import Files
from components.ingest.benchmarks.item import Item, field, read_file, read_picture
from components.prompts import caption

LABELS = "MSCOCO_train_val_Korean.json"


def read(files: Files) -> Iterator[Item]:
    """One item an image, with all its captions as references."""
    for row in json.loads(read_file(files, LABELS)):
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, field(row, "file_path")),
            prompt=caption.QUESTION,
            references=tuple(field(row, "caption_ko")),
            prompt_version=caption.VERSION,
        )
