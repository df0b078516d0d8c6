"""AI Hub's Korean captions of MS COCO: ``[{file_path, id, caption_ko: [...]}]``, images beside."""

from __future__ import annotations

import json
from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import BenchmarkError, Item
from components.benchmarks.reading import field, read_file, read_picture
from components.prompts import caption
from components.scoring.captions import score_captions

LABELS = "MSCOCO_train_val_Korean.json"


def read(files: Files) -> Iterator[Item]:
    """One item an image, with all its captions as references."""
    try:
        rows = json.loads(read_file(files, LABELS))
    except ValueError as error:
        raise BenchmarkError(f"{LABELS} is not JSON: {error}") from None
    for row in rows:
        yield Item(
            item_id=str(field(row, "id")),
            image=read_picture(files, field(row, "file_path")),
            prompt=caption.QUESTION,
            references=tuple(field(row, "caption_ko")),
        )


BENCHMARK = Benchmark("captioning", caption.VERSION, read, score_captions, parser_version="text-1")
