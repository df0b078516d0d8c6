"""AI Hub 71730: a JSON file an image, sometimes as a list; points ``[x, y]`` or ``{x, y}``; ``###`` for unreadable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.archives.builders import parts_of, tar_of, write, zip_of
from tests.ingest.layouts.expected import Expected, as_json
from tests.ingest.layouts.pictures import HEIGHT, WIDTH, sign


def build(folder: Path) -> Expected:
    """Write the data set."""
    pictures = {f"한국어/간판/{name}.jpg": sign(name) for name in ("a", "b", "c", "d", "f", "h")}
    labels = {f"한국어/간판/{name}.json": data for name, data in _labels().items()}
    sources = parts_of("TS_한국어.zip", zip_of(pictures), 11)
    targets = parts_of("TL_한국어.zip", zip_of(labels), 1)
    write(folder, {"download.tar": tar_of({**sources, **targets})})
    return Expected(
        kept=5,
        refused={
            "image missing": 1,
            "no readable word": 1,
            "polygon_points is not a list of points": 1,
            "label unreadable": 1,
        },
    )


def label(name: str, *words: dict[str, Any]) -> dict[str, Any]:
    """What one image's file holds."""
    images = {"file_name": f"{name}.jpg", "width": WIDTH, "height": HEIGHT}
    return {"Images": images, "Annotation": list(words)}


def word(text: Any, *points: Any) -> dict[str, Any]:
    """A word with the corners of its polygon in pixels."""
    return {"text": text, "polygon_points": list(points)}


def square(text: Any, x: float, y: float, width: float = 40, height: float = 20) -> dict[str, Any]:
    """A word with an upright polygon."""
    return word(text, [x, y], [x + width, y], [x + width, y + height], [x, y + height])


def _labels() -> dict[str, bytes]:
    points = [{"x": -8, "y": 10}, {"x": 40, "y": 14}, {"x": 38, "y": 40}, {"x": -9, "y": 38}]
    return {
        "a": as_json(label("a", square("오른쪽", 80, 12), word("왼쪽", *points), square("###", 0, 60))),
        "b": b"\xef\xbb\xbf" + as_json([label("b", square("출구", 10, 10))]),
        "c": as_json([label("c", square("가게", 10, 10)), label("d", square("약국", 20, 20), square(None, 0, 0))]),
        "e": as_json(label("e", square("없음", 0, 0))),
        "f": as_json(label("f", square("###", 0, 0))),
        "g": as_json(label("a", word("글", [0, 0], 5, [1]))),
        "h": as_json(label("h", square("한글", 10, 10)), "cp949"),
        "i": b'{"Images": {"file_name": "a.jpg", "wid',
    }
