"""AI Hub 81 (Korean text in the wild): images and one ``textinthewild_data_info.json`` with their boxes."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.ingest.readers.pictures import PictureError, Pictures
from components.ingest.records import (
    IMAGE_MARK,
    Message,
    Record,
    Rejected,
    SourceError,
    StoredImage,
    is_text,
    nfc,
)
from components.ingest.split import split_key
from components.korean.particles import with_particle
from components.params.schema import Source

LABELS = "textinthewild_data_info.json"
READ_QUESTIONS = ("그림에 쓰인 글자를 읽어 주세요.", "뭐라고 쓰여 있나요?", "글자를 그대로 적어 주세요.")
WHERE_QUESTIONS = ("{subject} 어디에 있나요?", "{subject} 어느 자리에 있는지 상자로 답하세요.")
_UNREADABLE = {"", "###"}
_MOST_WHERE = 3
Box = tuple[float, float, float, float]


class _BadRow(ValueError):
    """An image's labels do not have the layout; the text is the reason."""


@dataclass(frozen=True)
class _Word:
    text: str
    box: Box
    """x1, y1, x2, y2 as shares of the image, cut at its edges."""


def read(folder: Path, source: Source) -> Iterator[Record | Rejected]:
    """One record an image: read what is written, then where some of the words are."""
    pictures = Pictures(folder)
    images, annotations = _load(folder / LABELS)
    for number, annotation in enumerate(annotations):
        if not isinstance(annotation, dict):
            yield Rejected(source.name, f"annotation-{number}", "annotation is not an object")
    by_image = _group(annotations)
    for number, image in enumerate(images):
        name = f"row-{number}"
        try:
            name = _image_name(image)
            words = _in_reading_order(_words(image, by_image.get(str(image.get("id")), [])))
            if not words:
                raise _BadRow("no readable word")
            stored = (StoredImage(name, pictures.read(name)),)
        except (_BadRow, PictureError) as reason:
            yield Rejected(source.name, name, str(reason))
            continue
        conversation = _conversation(words, random.Random(name))
        key = split_key(stored, conversation, source.key_pattern)
        yield Record(name, source.name, stored, conversation, source.licence, key)


def _load(path: Path) -> tuple[list[Any], list[Any]]:
    """The lists of images and of annotations."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError(f"{path} not found: it lies beside the images in AI Hub's data set 81") from None
    except ValueError as error:
        raise SourceError(f"{path} is not JSON in UTF-8: {error}") from None
    images = content.get("images") if isinstance(content, dict) else None
    annotations = content.get("annotations") if isinstance(content, dict) else None
    if not isinstance(images, list) or not isinstance(annotations, list):
        raise SourceError(f"{path} must hold the lists images and annotations")
    return images, annotations


def _group(annotations: Sequence[Any]) -> dict[str, list[dict[str, Any]]]:
    by_image: dict[str, list[dict[str, Any]]] = {}
    for annotation in annotations:
        if isinstance(annotation, dict):
            by_image.setdefault(str(annotation.get("image_id")), []).append(annotation)
    return by_image


def _image_name(image: Any) -> str:
    name = image.get("file_name") if isinstance(image, dict) else None
    if not is_text(name) or not name:
        raise _BadRow("image without file_name")
    return name


def _words(image: dict[str, Any], annotations: Sequence[dict[str, Any]]) -> list[_Word]:
    width, height = (_number(image.get(key), f"image without {key}") for key in ("width", "height"))
    if width <= 0 or height <= 0:
        raise _BadRow(f"image without size: {width:g} x {height:g}")
    words = []
    for annotation in annotations:
        attributes = annotation.get("attributes")
        text = annotation.get("text")
        if not isinstance(attributes, dict) or attributes.get("class") != "word" or text is None:
            continue
        if not is_text(text):
            raise _BadRow(f"text is not text: {type(text).__name__}")
        text = " ".join(nfc(text).split())
        if text not in _UNREADABLE:
            words.append(_Word(text, _box(annotation.get("bbox"), width, height)))
    return words


def _box(bbox: Any, width: float, height: float) -> Box:
    if not isinstance(bbox, list) or len(bbox) != 4:
        raise _BadRow("bbox is not four numbers")
    x, y, w, h = (_number(value, "bbox is not four numbers") for value in bbox)
    return _share(x, width), _share(y, height), _share(x + w, width), _share(y + h, height)


def _number(value: Any, reason: str) -> float:
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _BadRow(reason)
    return number


def _share(value: float, whole: float) -> float:
    return min(max(value / whole, 0.0), 1.0)


def _in_reading_order(words: Sequence[_Word]) -> list[_Word]:
    """Line by line from the top, each from the left. A line takes words whose middles are level with it."""
    lines: list[list[_Word]] = []
    for word in sorted(words, key=lambda w: (w.box[1] + w.box[3], w.box[0])):
        middle = (word.box[1] + word.box[3]) / 2
        if lines and lines[-1][0].box[1] <= middle <= lines[-1][0].box[3]:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [word for line in lines for word in sorted(line, key=lambda w: w.box[0])]


def _conversation(words: Sequence[_Word], rng: random.Random) -> tuple[Message, ...]:
    turns = [
        Message("user", f"{IMAGE_MARK}\n{rng.choice(READ_QUESTIONS)}"),
        Message("assistant", " ".join(word.text for word in words)),
    ]
    times = Counter(word.text for word in words)
    sure = [(word, _format(word.box)) for word in words if times[word.text] == 1 and _has_area(word.box)]
    for word, box in rng.sample(sure, min(_MOST_WHERE, len(sure))):
        subject = with_particle(f"'{word.text}'", "은")
        turns.append(Message("user", rng.choice(WHERE_QUESTIONS).format(subject=subject)))
        turns.append(Message("assistant", box))
    return tuple(turns)


def _has_area(box: Box) -> bool:
    """Whether the box still is one when it is written with two decimals."""
    x1, y1, x2, y2 = (round(value, 2) for value in box)
    return x1 < x2 and y1 < y2


def _format(box: Box) -> str:
    return "[" + ",".join(f"{value:.2f}" for value in box) + "]"
