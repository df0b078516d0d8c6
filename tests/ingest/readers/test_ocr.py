"""Words with boxes, in the layouts of AI Hub 81 and 71730, to what is read and where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.ingest.records import Record, Rejected, SourceError
from tests.archives.builders import write
from tests.ingest.layouts.aihub_81 import LABELS, image, word
from tests.ingest.layouts.aihub_71730 import label, square
from tests.ingest.layouts.aihub_71730 import word as polygon
from tests.ingest.readers.reading import conversation, faults, read_all
from tests.ingest.samples import source

SIGN = image("1", "a.png") | {"width": 200, "height": 100}


def read_81(folder: Path, annotations: list[Any], images: list[Any] | None = None) -> list[Record | Rejected]:
    content = {"images": [SIGN] if images is None else images, "annotations": annotations}
    write(folder / "set", {LABELS: json.dumps(content).encode()})
    return read_all(folder / "set", source("aihub-81"), folder / "scratch")


def read_71730(folder: Path, *words: Any, **fields: Any) -> list[Record | Rejected]:
    content = {**label("a", *words), **fields}
    write(folder / "set", {"a.json": json.dumps(content).encode()})
    return read_all(folder / "set", source("aihub-71730"), folder / "scratch")


def test_words_are_read_line_by_line_without_what_is_unreadable(tmp_path: Path) -> None:
    (entry,) = read_81(
        tmp_path,
        [
            word("1", "아래", [10, 60, 40, 20]),
            word("1", "오른쪽", [120, 8, 60, 20]),
            word(1, "왼쪽", [-20, 10, 60, 20]),
            word("1", "###", [0, 40, 10, 10]),
            word("1", None, [0, 40, 10, 10]),
            word("1", "글", [0, 40, 10, 10], "character"),
            word("1", "글자", [0, 40, 10, 10], "ignored"),
        ],
    )
    said = conversation(entry)
    assert said[1] == "왼쪽 오른쪽 아래"
    assert set(said[3::2]) == {"[0.00,0.10,0.20,0.30]", "[0.60,0.08,0.90,0.28]", "[0.05,0.60,0.25,0.80]"}
    where = {question: answer for question, answer in zip(said[2::2], said[3::2], strict=True)}
    assert all(("왼쪽" in question) == (answer == "[0.00,0.10,0.20,0.30]") for question, answer in where.items())


def test_only_words_that_stand_once_and_have_a_box_are_looked_for(tmp_path: Path) -> None:
    boxes = {"a": [0, 0, 40, 20], "b": [500, 0, 40, 20], "c": [0, 50, 0, 20]}
    twice = [word("1", "둘", [0, 0, 9, 9]), word("1", "둘", [50, 0, 9, 9])]
    (entry,) = read_81(tmp_path, [*twice, *(word("1", text, box) for text, box in boxes.items())])
    assert conversation(entry)[3:] == ["[0.00,0.00,0.20,0.20]"]


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (word("1", None, [0, 0, 9, 9]), "no readable word"),
        (word("1", "글", [0, 0, 9]), "bbox is not four numbers"),
        (word("1", "글", [0, 0, 9, 1e999]), "bbox is not four numbers"),
        (word("1", "글", [0, 0, 9, True]), "bbox is not four numbers"),
        (word("1", ["글"], [0, 0, 9, 9]), "text is not text"),
        (word("1", "\ud800", [0, 0, 9, 9]), "text is not text"),
        (["not an annotation"], "annotation is not an object"),
        (word(None, "글", [0, 0, 9, 9]), "annotation without image_id"),
        (word("가_9", "글", [0, 0, 9, 9]), "annotations without image"),
    ],
)
def test_81_gives_the_reason_for_bad_labels(tmp_path: Path, annotation: Any, reason: str) -> None:
    assert reason in faults(read_81(tmp_path, [annotation]))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (3, "image without file_name"),
        ({"id": "2"}, "image without file_name"),
        (image(None, "b.png"), "image without id"),
        (image(1, "b.png"), "id of two images"),
        (image("2", "b.png") | {"width": 0}, "image without size"),
        (image("2", "b.png") | {"height": None}, "image without height"),
    ],
)
def test_81_gives_the_reason_for_a_bad_image(tmp_path: Path, bad: Any, reason: str) -> None:
    good, refused = read_81(tmp_path, [word("1", "글", [0, 0, 9, 9])], [SIGN, bad])
    assert isinstance(good, Record) and faults([refused]) == {reason: 1}


def test_81_needs_its_file(tmp_path: Path) -> None:
    write(tmp_path / "set", {"a.png": b"-"})
    with pytest.raises(SourceError, match=f"{LABELS} not found"):
        read_all(tmp_path / "set", source("aihub-81"), tmp_path / "scratch")


def test_boxes_lie_around_polygons_of_either_kind_of_point(tmp_path: Path) -> None:
    slanted = [{"x": 40, "y": 24}, {"x": 8, "y": 12}, {"x": 0, "y": 36}, {"x": 32, "y": 48}]
    (entry,) = read_71730(tmp_path, polygon("왼쪽", *slanted), square("오른쪽", 80, 24, 100, 24))
    assert conversation(entry)[1] == "왼쪽 오른쪽"
    assert set(conversation(entry)[3::2]) == {"[0.00,0.10,0.25,0.40]", "[0.50,0.20,1.00,0.40]"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Images": None}, "Images is not an object"),
        ({"Images": {"file_name": "a.jpg", "width": 5}}, "image without height"),
        ({"Annotation": {}}, "Annotation is not a list"),
        ({"Annotation": [[]]}, "annotation is not an object"),
        ({"Annotation": [polygon("글", [1, 2])]}, "polygon_points is not a list of points"),
        ({"Annotation": [polygon("글", [1, 2], {"x": 1})]}, "polygon_points is not a list of points"),
        ({"Annotation": [square(5, 0, 0)]}, "text is not text"),
        ({"Annotation": []}, "no readable word"),
    ],
)
def test_71730_gives_the_reason_for_bad_labels(tmp_path: Path, fields: Any, reason: str) -> None:
    assert faults(read_71730(tmp_path, **fields)) == {reason: 1}


def test_demo_wording_asks_what_the_demo_model_knows(tmp_path: Path) -> None:
    write(tmp_path / "set", {"a.json": json.dumps(label("a", square("글", 0, 0))).encode()})
    (entry,) = read_all(tmp_path / "set", source("aihub-71730", wording="demo-ocr"), tmp_path / "scratch")
    read, _, where, _ = conversation(entry)
    assert read.removeprefix("<image>\n") in (
        "그림에 쓰인 글자를 읽어 주세요.", "뭐라고 쓰여 있나요?", "글자를 그대로 적어 주세요.",
    )  # fmt: skip
    assert where in ("'글'은 어디에 있나요?", "'글'은 어느 자리에 있는지 상자로 답하세요.")
