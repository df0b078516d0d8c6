"""AI Hub 81: ``textinthewild_data_info.json`` with the words of all images, and zips of images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.archives.builders import parts_of, tar_of, write, zip_of
from tests.ingest.layouts.expected import Expected, as_json
from tests.ingest.layouts.pictures import HEIGHT, WIDTH, sign

LABELS = "textinthewild_data_info.json"


def build(folder: Path, encoding: str = "utf-8") -> Expected:
    """Write the data set."""
    books = {"Book/a.jpg": sign("왼쪽 오른쪽"), "Book/b.jpg": sign("###"), "Book/d.jpg": sign("글")}
    goods = {"Goods/c.png": sign("김치", "PNG")}
    write(folder, {LABELS: as_json(content(), encoding), "02_goods.zip": zip_of(goods)})
    write(folder, {"download.tar": tar_of(parts_of("01_book.zip", zip_of(books), 11))})
    return Expected(
        kept=2,
        refused={
            "image missing": 1,
            "image without file_name": 2,
            "no readable word": 1,
            "bbox is not four numbers": 1,
            "annotation is not an object": 1,
        },
    )


def image(identity: Any, name: Any) -> dict[str, Any]:
    """An entry of the list of images."""
    return {"id": identity, "width": WIDTH, "height": HEIGHT, "file_name": name, "type": "book"}


def word(identity: Any, text: Any, bbox: Any, kind: str = "word") -> dict[str, Any]:
    """An entry of the list of annotations."""
    return {"image_id": identity, "bbox": bbox, "text": text, "attributes": {"class": kind}}


def content() -> dict[str, Any]:
    """The whole file."""
    images = [
        image("1", "a.jpg"),
        image("2", "b.jpg"),
        image(3, "c.png"),
        image("4", "nowhere.jpg"),
        image("5", "d.jpg"),
    ]
    annotations: list[Any] = [
        word("1", "아래", [10, 80, 40, 20]),
        word("1", "오른쪽", [90, 8, 60, 24]),
        word("1", "왼쪽", [-16, 12, 56, 24]),
        word("1", "글", [0, 40, 10, 10], "character"),
        word("1", "무시", [0, 40, 10, 10], "ignored"),
        word("1", "###", [0, 40, 10, 10]),
        word("1", None, [0, 40, 10, 10]),
        word("2", "###", [0, 0, 9, 9]),
        word("2", None, [0, 0, 9, 9]),
        word("3", "김치", [20, 20, 500, 60]),
        word("4", "없음", [0, 0, 9, 9]),
        word("5", "글", [0, 0, 9]),
        "not an annotation",
    ]
    return {"info": {"name": "Text in the wild"}, "images": [*images, {"id": "6"}, 7], "annotations": annotations}
