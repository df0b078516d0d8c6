"""AI Hub 71357 (multimodal questions that need knowledge): captions, questions with their facts, boxes of an image."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

from components.archives.files import Files
from components.ingest.readers.boxes import four_numbers, frame
from components.ingest.readers.fields import mapping, row_name, text, text_if_any
from components.ingest.readers.json_rows import label_rows
from components.ingest.readers.ocr import Word, find
from components.ingest.readers.reading import Content, chance, outcome, picture_of
from components.ingest.records import IMAGE_MARK, BadRow, ImageRef, Message, Record, Rejected
from components.ingest.wording import Wording, load_wording
from components.korean.letters import has_hangul
from components.params.schema import Source

TASKS: dict[str, set[str]] = {
    "answer": {"answer"},
    "grounded": {"answer", "fact"},
    "why": {"question"},
    "caption": set(),
    "where": {"object"},
}
"""What a wording must have."""
_GROUNDED_SHARE = 0.5
"""Of the questions that have a fact, how many ask for it; the others are answered in short, as benchmarks want it."""
_ENDS = " .。"
_BOX = ("X_COORDINATE", "Y_COORDINATE", "BOX_WIDTH", "BOX_HEIGHT")


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record an image."""
    wording = load_wording(source.wording or "knowledge", TASKS)
    for number, row in enumerate(_annotations(files, source)):
        name = row_name(row.get("IMAGE_ID") if isinstance(row, dict) else None, number)
        yield outcome(source, name, partial(_content, files, row, wording, chance(seed, source, name)))


def _annotations(files: Files, source: Source) -> Iterator[Any]:
    """Of all label files: they hold ``{annotations: [...]}``, several of these, or the list itself."""
    for row in label_rows(files, source):
        inside = row.get("annotations") if isinstance(row, dict) else None
        if isinstance(inside, list):
            yield from inside
        else:
            yield row


def _content(files: Files, row: Any, wording: Wording, rng: random.Random) -> Content:
    row = mapping(row, f"annotation is not an object: {type(row).__name__}")
    name = text(row.get("IMAGE_NAME"), "no IMAGE_NAME")
    turns = [*_caption(row, wording, rng), *_questions(row, wording, rng), *_boxes(row, wording, rng)]
    if not turns:
        raise BadRow("nothing to ask")
    turns[0] = Message("user", f"{IMAGE_MARK}\n{turns[0].content}")
    return [ImageRef(picture_of(files, name))], turns


def _caption(row: dict[str, Any], wording: Wording, rng: random.Random) -> list[Message]:
    """Some captions are English."""
    caption = text_if_any(row.get("CAPTION"), "CAPTION is not text")
    if not has_hangul(caption):
        return []
    return [Message("user", wording.say(rng, "caption")), Message("assistant", caption)]


def _questions(row: dict[str, Any], wording: Wording, rng: random.Random) -> Iterator[Message]:
    for given in _list(row, "questions"):
        fields = mapping(given, "question is not an object")
        question = text_if_any(fields.get("question_ko"), "question_ko is not text")
        answer = text_if_any(fields.get("answer_ko"), "answer_ko is not text")
        fact = _fact(fields.get("fact"))
        if not question or not answer:
            continue
        if fact and rng.random() < _GROUNDED_SHARE:
            grounds = {"answer": answer.rstrip(_ENDS), "fact": f"{fact.rstrip(_ENDS)}."}
            yield Message("user", wording.say(rng, "why", question=question))
            yield Message("assistant", wording.say(rng, "grounded", **grounds))
        else:
            yield Message("user", question)
            yield Message("assistant", wording.say(rng, "answer", answer=answer))


def _fact(given: Any) -> str:
    """A text, or a list of texts."""
    facts = given if isinstance(given, list) else [given]
    return " ".join(fact for one in facts if (fact := text_if_any(one, "fact is not text")))


def _boxes(row: dict[str, Any], wording: Wording, rng: random.Random) -> list[Message]:
    objects = []
    boxes = _list(row, "bounding_box")
    sides = row.get("WIDTH"), row.get("HEIGHT")
    size = frame(*sides) if boxes and None not in sides else None
    for given in boxes:
        fields = mapping(given, "box is not an object")
        name = text_if_any(fields.get("OBJECT"), "OBJECT is not text")
        x, y, width, height = four_numbers([fields.get(key) for key in _BOX], "bounding_box is not four numbers")
        if name and size:
            objects.append(Word(name, size.box(x, y, x + width, y + height)))
    return find(objects, wording, rng, "object")


def _list(row: dict[str, Any], key: str) -> list[Any]:
    value = row.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadRow(f"{key} is not a list")
    return value
