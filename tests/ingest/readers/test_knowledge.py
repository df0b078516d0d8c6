"""Questions that need a fact (AI Hub 71357): captions, questions with and without their fact, boxes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.ingest.records import Record, Rejected
from tests.archives.builders import write
from tests.ingest.layouts.aihub_71357 import annotation, box, question
from tests.ingest.readers.reading import conversation, faults, read_all
from tests.ingest.samples import source

FACT = "사과는 장미과의 나무 열매이다"


def read(folder: Path, content: Any) -> list[Record | Rejected]:
    write(folder / "set", {"a.json": json.dumps(content).encode(), "b.png": b"-"})
    return read_all(folder / "set", source("aihub-71357"), folder / "scratch")


def one(folder: Path, **fields: Any) -> list[str]:
    """The conversation about one image."""
    (entry,) = read(folder, [annotation(1, "a.jpg", **fields)])
    return conversation(entry)


def test_caption_comes_first_and_carries_the_image(tmp_path: Path) -> None:
    said = one(tmp_path)
    assert said[0].startswith("<image>\n") and said[1] == "식탁 위에 사과가 있다."
    assert "<image>" not in "".join(said[1:])


@pytest.mark.parametrize("caption", [None, "  ", "An apple on a table."])
def test_without_a_korean_caption_questions_come_first(tmp_path: Path, caption: Any) -> None:
    assert one(tmp_path, CAPTION=caption)[0].startswith("<image>\n사과는 어떤 과일인가요?")


def test_some_questions_are_asked_for_their_fact_and_some_are_not(tmp_path: Path) -> None:
    """Who asks for the grounds gets them, and nobody else."""
    questions = [question(f"{n}번은 무엇인가요?", "빨간 과일.", FACT) for n in range(60)]
    said = one(tmp_path, CAPTION=None, questions=questions, bounding_box=[])
    turns = list(zip(said[::2], said[1::2], strict=True))
    plain = [(asked, answer) for asked, answer in turns if answer == "빨간 과일."]
    grounded = [(asked, answer) for asked, answer in turns if f"{FACT}." in answer]
    assert len(plain) + len(grounded) == 60 and min(len(plain), len(grounded)) > 15
    assert all(asked.endswith("번은 무엇인가요?") for asked, _ in plain)
    assert not any(asked.endswith("번은 무엇인가요?") for asked, _ in grounded)
    assert len({answer for _, answer in grounded}) >= 4
    assert not any(".." in answer for _, answer in grounded)


@pytest.mark.parametrize("fact", [None, "", [], [None]])
def test_without_a_fact_nobody_asks_for_it(tmp_path: Path, fact: Any) -> None:
    said = one(tmp_path, CAPTION=None, questions=[question("?", "!", fact)] * 20, bounding_box=None)
    assert said[1:] == ["!", *["?", "!"] * 19]


def test_questions_without_korean_text_are_left_out(tmp_path: Path) -> None:
    questions = [question(None, "!", None), question("?", " ", None), question("무엇?", "컵", None)]
    assert one(tmp_path, CAPTION=None, questions=questions, bounding_box=[]) == ["<image>\n무엇?", "컵"]


def test_only_objects_that_are_there_once_are_looked_for(tmp_path: Path) -> None:
    boxes = [box("사과", 16, 12), box("컵", 60, 50), box("컵", 90, 50), box("식탁", -10, 60, 500, 500), box(None, 0, 0)]
    said = one(tmp_path, questions=[], bounding_box=boxes)
    found = dict(zip(said[3::2], said[2::2], strict=True))
    assert set(found) == {"[0.10,0.10,0.35,0.35]", "[0.00,0.50,1.00,1.00]"}
    assert "사과" in found["[0.10,0.10,0.35,0.35]"] and "식탁" in found["[0.00,0.50,1.00,1.00]"]


A, B = annotation("a", "a.jpg"), annotation("b", "b")


@pytest.mark.parametrize("root", [{"annotations": [A, B]}, [{"annotations": [A]}, {"annotations": [B]}], [A, B]])
def test_roots_of_every_kind(tmp_path: Path, root: Any) -> None:
    """And a name without its ending, which is found among the files."""
    first, second = read(tmp_path, root)
    assert (first.id, second.id) == ("a", "b")
    assert isinstance(second, Record) and second.images[0].path == "b.png"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"IMAGE_NAME": None}, "no IMAGE_NAME"),
        ({"CAPTION": 5}, "CAPTION is not text"),
        ({"questions": {}}, "questions is not a list"),
        ({"questions": [5]}, "question is not an object"),
        ({"questions": [question(5, "!", None)]}, "question_ko is not text"),
        ({"questions": [question("?", ["!"], None)]}, "answer_ko is not text"),
        ({"questions": [question("?", "!", {})]}, "fact is not text"),
        ({"bounding_box": 5}, "bounding_box is not a list"),
        ({"bounding_box": [5]}, "box is not an object"),
        ({"bounding_box": [box(5, 0, 0)]}, "OBJECT is not text"),
        ({"bounding_box": [box("컵", 0, None)]}, "bounding_box is not four numbers"),
        ({"WIDTH": -1}, "image without size"),
        ({"CAPTION": None, "questions": None, "bounding_box": None}, "nothing to ask"),
    ],
)
def test_bad_annotations_have_their_reason(tmp_path: Path, fields: Any, reason: str) -> None:
    rows = [{**annotation(1, "a.jpg"), **fields}, annotation(2, "a.jpg")]
    bad, good = read(tmp_path, {"annotations": rows})
    assert faults([bad]) == {reason: 1} and isinstance(good, Record)
