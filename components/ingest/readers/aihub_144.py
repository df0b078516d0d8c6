"""AI Hub 144 (Korean objects): a picture and a label file of the same stem; folders name the class."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from components.archives.files import Entry, Files
from components.ingest.readers.boxes import Frame, four_numbers, frame
from components.ingest.readers.fields import mapping, only, text
from components.ingest.readers.json_rows import whole_json
from components.ingest.readers.reading import PICTURES, Content, chance, find_beside, outcome
from components.ingest.records import IMAGE_MARK, BadRow, ImageRef, Message, Record, Rejected, SourceError
from components.ingest.wording import Wording, load_wording
from components.params.schema import Source

TASKS: dict[str, set[str]] = {"describe": {"kind"}, "kind": {"kind"}, "where": {"kind"}}
"""What a wording must have."""
_CLASS = re.compile(r"\d+_(?P<name>[^\d_]+)")
"""A folder such as 64_유적건조물."""
_ANYTHING = "대상"
"""What a picture is called whose folders name no class."""


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record a label file, in the order of their names; then a refusal for each picture without one."""
    wording = load_wording(source.wording or "objects", TASKS)
    for entry in files.entries(".json", origin=0):
        rng = chance(seed, source, entry.name)
        yield outcome(source, entry.name, partial(_content, files, entry, wording, rng))
    for entry in files.entries(*PICTURES):
        if find_beside(files, _stem(entry.name), (".json",)) is None:
            yield Rejected(source.name, entry.name, f"label missing: {entry.name}")


def _content(files: Files, entry: Entry, wording: Wording, rng: random.Random) -> Content:
    label = _label(files, entry)
    region = _first(label.get("regions"), "no region")
    kind = _kind(entry.name)
    turns = [(wording.say(rng, "describe", kind=kind or _ANYTHING), _description(region))]
    if kind:
        turns.append((wording.say(rng, "kind", kind=kind), kind))
    corners = region.get("boxcorners")
    if corners is not None:
        box = _box(four_numbers(corners, "boxcorners is not four numbers"), _size(label))
        turns += [(wording.say(rng, "where", kind=kind or _ANYTHING), box)] if box else []
    messages = [message for ask, say in turns for message in (Message("user", ask), Message("assistant", say))]
    messages[0] = Message("user", f"{IMAGE_MARK}\n{messages[0].content}")
    stem = _stem(entry.name)
    return [ImageRef(find_beside(files, stem, PICTURES) or f"{stem}.jpg")], messages


def _label(files: Files, entry: Entry) -> dict[str, Any]:
    try:
        content = only(whole_json(files, entry))
    except SourceError as error:
        raise BadRow(f"label unreadable: {error}") from None
    return mapping(content, f"label is not an object: {type(content).__name__}")


def _first(value: Any, reason: str) -> dict[str, Any]:
    if not isinstance(value, list) or not value:
        raise BadRow(reason)
    return mapping(value[0], reason)


def _description(region: dict[str, Any]) -> str:
    return text(_first(region.get("sem_ext"), "no description").get("value"), "no description")


def _size(label: dict[str, Any]) -> Frame | None:
    """Not every label says how large its picture is."""
    for place in (label, label.get("image"), only(label.get("images"))):
        if isinstance(place, dict) and place.get("width") is not None and place.get("height") is not None:
            return frame(place["width"], place["height"])
    return None


def _box(corners: tuple[float, float, float, float], size: Frame | None) -> str:
    """As text; "" where the size is unknown or the box is empty."""
    box = size.box(*corners) if size else None
    return str(box) if box and box.has_area else ""


def _kind(path: str) -> str:
    """The class that the innermost folder with a number and a name stands for; "" if there is none."""
    names = [found["name"] for part in PurePosixPath(path).parts[:-1] if (found := _CLASS.fullmatch(part))]
    return names[-1] if names else ""


def _stem(path: str) -> str:
    return path.rpartition(".")[0]
