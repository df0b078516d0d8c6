"""AI Hub 71357: label files with captions, boxes, and questions whose answers need a fact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.archives.builders import parts_of, tar_of, write, zip_of
from tests.ingest.layouts.expected import Expected, as_json
from tests.ingest.layouts.pictures import HEIGHT, WIDTH, sign


def build(folder: Path) -> Expected:
    """Write the data set."""
    images = {f"원천/{name}.jpg": sign(name) for name in ("a", "b", "c", "d", "e")}
    labels = {"라벨/first.json": as_json({"info": {}, "annotations": _first()}), "라벨/second.json": as_json(_second())}
    sources = parts_of("TS.zip", zip_of(images), 11)
    targets = parts_of("TL.zip", zip_of(labels), 2)
    write(folder, {"download.tar": tar_of({**sources, **targets})})
    return Expected(
        kept=4,
        refused={"image missing": 1, "annotation is not an object": 1, "no IMAGE_NAME": 1, "nothing to ask": 1},
    )


def annotation(identity: Any, name: Any, **fields: Any) -> dict[str, Any]:
    """One image's annotation."""
    given = {
        "IMAGE_ID": identity,
        "IMAGE_NAME": name,
        "CAPTION": "식탁 위에 사과가 있다.",
        "WIDTH": WIDTH,
        "HEIGHT": HEIGHT,
        "bounding_box": [box("사과", 16, 12), box("컵", 60, 50), box("컵", 90, 50), box("식탁", -10, 60)],
        "questions": [question("사과는 어떤 과일인가요?", "빨간 과일", "사과는 장미과의 나무 열매이다.")],
    }
    return {**given, **fields}


def box(name: Any, x: Any, y: Any, width: Any = 40, height: Any = 30) -> dict[str, Any]:
    """One object."""
    place = {"X_COORDINATE": x, "Y_COORDINATE": y, "BOX_WIDTH": width, "BOX_HEIGHT": height}
    return {"BOX_ID": 1, "OBJECT": name, **place}


def question(asked: Any, answer: Any, fact: Any) -> dict[str, Any]:
    """One question in both languages."""
    english = {"question_en": "What is it?", "answer_en": "a fruit"}
    return {"question_id": 7, "question_ko": asked, "answer_ko": answer, "fact": fact, **english}


def _first() -> list[Any]:
    return [
        annotation(1, "a.jpg"),
        annotation(
            "2", "b.jpg", CAPTION=None, questions=[question("무엇인가요?", "컵", None), question(None, "?", "?")]
        ),
        annotation(3, "nowhere.jpg"),
        "not an annotation",
        annotation(5, None),
    ]


def _second() -> list[Any]:
    """A list instead of an object."""
    return [
        annotation(6, "c.jpg", bounding_box=None),
        annotation(7, "d.jpg", WIDTH=None, HEIGHT=None),
        annotation(8, "e.jpg", CAPTION=None, questions=[], bounding_box=[box("컵", 0, 0), box("컵", 50, 0)]),
    ]
