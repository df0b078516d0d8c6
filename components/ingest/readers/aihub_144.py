"""AI Hub 144 (Korean objects): a picture and a label file of the same stem; folders name the class."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from components.ingest.archives.files import Entry, FileProblem, Files
from components.ingest.readers.boxes import Box, four_numbers, frame
from components.ingest.readers.fields import mapping, text
from components.ingest.readers.json_rows import json_rows
from components.ingest.readers.reading import PICTURES, Content, chance, outcome
from components.ingest.records import IMAGE_MARK, BadRow, ImageRef, Message, Record, Rejected
from components.ingest.wording import Wording, load_wording
from components.params.schema import Source

_TASKS = {"describe": {"kind"}, "kind": {"kind"}, "where": {"kind"}}
_CLASS = re.compile(r"\d+_(?P<name>.+)")
"""A folder such as 64_유적건조물."""
_UNKNOWN_CLASS = "대상"


def read(files: Files, source: Source, seed: int) -> Iterator[Record | Rejected]:
    """One record a label file, in the order of their names; then a refusal for each picture without one."""
    wording = load_wording(source.wording or "objects", _TASKS)
    found = False
    for entry in files.entries(".json"):
        found = True
        rng = chance(seed, source, entry.name)
        yield outcome(source, entry.name, partial(_content, files, entry, wording, rng))
    for entry in files.entries(*PICTURES) if found else ():
        if not _has(files, f"{_stem(entry.name)}.json"):
            yield Rejected(source.name, entry.name, f"label missing: {entry.name}")


def _content(files: Files, entry: Entry, wording: Wording, rng: random.Random) -> Content:
    rows = list(json_rows(files, entry))
    label = mapping(rows[0] if len(rows) == 1 else None, "label is not one object")
    region = _region(label)
    kind = _kind(entry.name)
    turns = [(wording.say(rng, "describe", kind=kind), _description(region))]
    if kind != _UNKNOWN_CLASS:
        turns.append((wording.say(rng, "kind", kind=kind), kind))
    box = _box(label, region)
    if box is not None and box.has_area:
        turns.append((wording.say(rng, "where", kind=kind), str(box)))
    messages = [message for ask, say in turns for message in (Message("user", ask), Message("assistant", say))]
    messages[0] = Message("user", f"{IMAGE_MARK}\n{messages[0].content}")
    return [ImageRef(_picture(files, entry.name))], messages


def _region(label: dict[str, Any]) -> dict[str, Any]:
    regions = label.get("regions")
    if not isinstance(regions, list) or not regions:
        raise BadRow("no regions")
    return mapping(regions[0], "region is not an object")


def _description(region: dict[str, Any]) -> str:
    extensions = region.get("sem_ext")
    if not isinstance(extensions, list) or not extensions:
        raise BadRow("no sem_ext")
    return text(mapping(extensions[0], "sem_ext is not an object").get("value"), "no description")


def _box(label: dict[str, Any], region: dict[str, Any]) -> Box | None:
    """None where the label does not say how large the picture is."""
    x1, y1, x2, y2 = four_numbers(region.get("boxcorners"), "boxcorners are not four numbers")
    for place in (label, label.get("image"), label.get("images")):
        if isinstance(place, dict) and "width" in place and "height" in place:
            return frame(place["width"], place["height"]).box(x1, y1, x2, y2)
    return None


def _kind(path: str) -> str:
    """The class that the innermost folder with a number and a name stands for."""
    names = [found["name"] for part in PurePosixPath(path).parts[:-1] if (found := _CLASS.fullmatch(part))]
    words = [name for name in names if not any(sign.isdigit() for sign in name)]
    return words[-1] if words else _UNKNOWN_CLASS


def _picture(files: Files, label: str) -> str:
    """The picture of the same stem; labels may lie in an archive of their own."""
    stem = _stem(label)
    return next((f"{stem}{ending}" for ending in PICTURES if _has(files, f"{stem}{ending}")), f"{stem}.jpg")


def _stem(path: str) -> str:
    return path.rpartition(".")[0]


def _has(files: Files, name: str) -> bool:
    try:
        files.find(name)
    except FileProblem as problem:
        return "ambiguous" in str(problem)
    return True
