"""LLaVA: ``chat.json`` beside ``images.zip``; ids of both kinds, text-only rows, missing images."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

from tests.archives.builders import write, zip_of
from tests.ingest.layouts.expected import Expected
from tests.ingest.layouts.pictures import sign

_HALF = "half of a character \ud800"


def build(folder: Path) -> Expected:
    """Write the data set."""
    images = {
        "coco/train2017/000000000001.jpg": sign("하나"),
        "gqa/images/2.jpg": sign("둘"),
        unicodedata.normalize("NFD", "ekvqa/사과.jpg"): sign("사과"),
        "vg/VG_100K/3.png": sign("셋", "PNG"),
    }
    rows = [*_good_rows(), *_bad_rows()]
    write(folder, {"chat.json": json.dumps(rows).encode(), "metadata/notes.txt": b"-", "images.zip": zip_of(images)})
    return Expected(
        kept=len(_good_rows()),
        refused={
            "image missing": 1,
            "row is not an object": 1,
            "no list of conversations": 2,
            "turn without text": 2,
            "unknown speaker": 1,
            "image is not a path": 1,
            "empty answer": 1,
        },
    )


def row(identity: Any, image: Any, *turns: Any) -> dict[str, Any]:
    """A row whose turns alternate; image None: text only, without the key."""
    conversation = [{"from": ("human", "gpt")[n % 2], "value": turn} for n, turn in enumerate(turns)]
    return {"id": identity, "conversations": conversation, **({} if image is None else {"image": image})}


def _good_rows() -> list[dict[str, Any]]:
    return [
        row("000000000001", "coco/train2017/000000000001.jpg", "<image>\n무엇이라고 쓰여 있나요?", "하나"),
        row(2, "gqa/images/2.jpg", "무엇인가요?\n<image>", "둘", "색은요?", "남색입니다."),
        row(3, None, "1 더하기 1은 얼마인가요?", "2"),
        row("nfc", "ekvqa/사과.jpg", "<image>\n무엇인가요?", "사과"),
        row(
            "list", ["vg/VG_100K/3.png", "gqa/images/2.jpg"], "<image>\n<image>\n둘을 견주어 보세요.", "셋과 둘입니다."
        ),
        {
            "id": "other names",
            "image": "vg/VG_100K/3.png",
            "conversations": [{"from": "user", "value": "<image>\n무엇인가요?"}, {"from": "assistant", "value": "셋"}],
        },
    ]


def _bad_rows() -> list[Any]:
    return [
        row("a", "coco/train2017/000000000009.jpg", "<image>\n무엇인가요?", "없음"),
        "text",
        {"id": "c"},
        {"id": "d", "conversations": None},
        row("e", "gqa/images/2.jpg", "<image>\n무엇인가요?", None),
        row("f", None, _HALF, "?"),
        {"id": "g", "conversations": [{"from": "dog", "value": "멍"}]},
        row("h", 5, "<image>\n무엇인가요?", "둘"),
        row("i", "gqa/images/2.jpg", "<image>\n무엇인가요?", " "),
    ]
