"""AI Hub 71357 (multimodal questions that need knowledge): questions with their facts, captions and boxes a picture."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from components.ingest.archives.files import Files
from components.ingest.readers.boxes import Box, Frame, frame
from components.ingest.readers.fields import mapping, number, row_name, text
from components.ingest.readers.label_files import labelled_rows
from components.ingest.readers.reading import Content, chance, outcome
from components.ingest.records import IMAGE_MARK, BadRow, ImageRef, Message, Record, Rejected, is_text
from components.ingest.wording import Wording, load_wording
from components.params.schema import Source

_TASKS = {
    "answer": {"answer"},
    "grounded": {"answer", "fact"},
    "why": {"question"},
    "caption": set[str](),
    "where": {"object"},
}
_GROUNDED_SHARE = 0.5
"""Of the questions with a fact, how many ask for it; the others are answered in short, as benchmarks ask for."""
_MOST_WHERE = 2
_SENTENCE_ENDS = " .。"
Turn = tuple[str, str]


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record a picture."""
    wording = load_wording(source.wording or "knowledge", _TASKS)
    for place, row in enumerate(_annotations(files, source)):
        fields = row if isinstance(row, dict) else {}
        name = row_name(fields.get("IMAGE_ID"), place)
        yield outcome(source, name, partial(_content, row, wording, chance(seed, source, name)))


def _annotations(files: Files, source: Source) -> Iterator[Any]:
    """Label files hold ``{annotations: [...]}``, or the list itself."""
    for row in labelled_rows(files, source):
        inside = row.get("annotations") if isinstance(row, dict) else None
        if isinstance(inside, list):
            yield from inside
        else:
            yield row


def _content(row: Any, wording: Wording, rng: random.Random) -> Content:
    row = mapping(row, f"row is not an object: {type(row).__name__}")
    name = text(row.get("IMAGE_NAME"), "no IMAGE_NAME")
    turns = [*_questions(row, wording, rng), *_caption(row, wording, rng), *_boxes(row, wording, rng)]
    if not turns:
        raise BadRow("no question, caption or box")
    rng.shuffle(turns)
    messages = [message for ask, say in turns for message in (Message("user", ask), Message("assistant", say))]
    messages[0] = Message("user", f"{IMAGE_MARK}\n{messages[0].content}")
    return [ImageRef(name)], messages


def _questions(row: dict[str, Any], wording: Wording, rng: random.Random) -> Iterator[Turn]:
    questions = row.get("questions") or []
    if not isinstance(questions, list):
        raise BadRow("questions is not a list")
    for question in questions:
        fields = mapping(question, "question is not an object")
        ask = text(fields.get("question_ko"), "question without question_ko")
        answer = text(fields.get("answer_ko"), "question without answer_ko").rstrip(_SENTENCE_ENDS)
        fact = fields.get("fact")
        if is_text(fact) and fact.strip() and rng.random() < _GROUNDED_SHARE:
            grounds = {"answer": answer, "fact": fact.strip().rstrip(_SENTENCE_ENDS) + "."}
            yield wording.say(rng, "why", question=ask), wording.say(rng, "grounded", **grounds)
        else:
            yield ask, wording.say(rng, "answer", answer=answer)


def _caption(row: dict[str, Any], wording: Wording, rng: random.Random) -> Iterator[Turn]:
    caption = row.get("CAPTION")
    if is_text(caption) and caption.strip():
        yield wording.say(rng, "caption"), caption.strip()


def _boxes(row: dict[str, Any], wording: Wording, rng: random.Random) -> Iterator[Turn]:
    """Where are some of the objects of which there is one?"""
    boxes = row.get("bounding_box") or []
    if not isinstance(boxes, list):
        raise BadRow("bounding_box is not a list")
    size = frame(row.get("WIDTH"), row.get("HEIGHT")) if boxes else None
    found = [_box(box, size) for box in boxes if size]
    times = Counter(name for name, _ in found)
    sure = [(name, box) for name, box in found if times[name] == 1 and box.has_area]
    for name, box in rng.sample(sure, min(_MOST_WHERE, len(sure))):
        yield wording.say(rng, "where", object=name), str(box)


def _box(given: Any, size: Frame) -> tuple[str, Box]:
    fields = mapping(given, "box is not an object")
    x, y, width, height = (
        number(fields.get(key), f"box without {key}") for key in ("X_COORDINATE", "Y_COORDINATE", "BOX_WIDTH", "BOX_HEIGHT")
    )
    return text(fields.get("OBJECT"), "box without OBJECT"), size.box(x, y, x + width, y + height)
