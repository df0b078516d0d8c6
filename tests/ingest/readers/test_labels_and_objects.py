"""Folder names as labels (AI Hub 79), and descriptions with boxes (AI Hub 144)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.ingest.records import Record, Rejected
from tests.archives.builders import write, zip_of
from tests.ingest.layouts.aihub_144 import BOX, label
from tests.ingest.readers.reading import conversation, faults, read_all
from tests.ingest.samples import source

PLACE = "유적건조물/64_유적건조물/64/HF1_석탑"


def read_144(folder: Path, labels: Any, place: str = PLACE) -> list[Record | Rejected]:
    write(folder / "set", {f"{place}/a.json": json.dumps(labels).encode(), f"{place}/a.JPG": b"-"})
    return read_all(folder / "set", source("aihub-144"), folder / "scratch")


def test_folder_is_the_label_and_the_noun_takes_its_particle(tmp_path: Path) -> None:
    write(tmp_path / "set", {"구이/갈비구이/a.jpg": b"-", "구이/갈비구이/note.txt": b"-", "top.jpg": b"-"})
    declared = source("aihub-79", noun="음식", wording="demo-labels")
    entries = read_all(tmp_path / "set", declared, tmp_path / "scratch")
    assert faults(entries) == {"no label folder": 1}
    assert conversation(entries[1]) == ["<image>\n이 음식은 무엇인가요?", "갈비구이"]


def test_objects_are_described_classified_and_found(tmp_path: Path) -> None:
    (entry,) = read_144(tmp_path, label("석탑이 있습니다.", BOX, width=160, height=120))
    assert conversation(entry)[1::2] == ["석탑이 있습니다.", "유적건조물", "[0.10,0.10,0.50,0.50]"]
    assert isinstance(entry, Record) and entry.images[0].path == f"{PLACE}/a.JPG"


@pytest.mark.parametrize("size", [{}, {"width": 160}, {"image": {"width": None, "height": 5}}, {"images": "160 x 120"}])
def test_without_the_size_there_is_no_question_for_the_box(tmp_path: Path, size: Any) -> None:
    (entry,) = read_144(tmp_path, label("석탑이 있습니다.", BOX, **size))
    assert conversation(entry)[1::2] == ["석탑이 있습니다.", "유적건조물"]


def test_without_a_class_folder_there_is_no_question_for_the_class(tmp_path: Path) -> None:
    (entry,) = read_144(tmp_path, [label("석탑이 있습니다.", None)], place="사진")
    assert conversation(entry)[1::2] == ["석탑이 있습니다."]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (5, "label is not an object"),
        ({}, "no region"),
        ({"regions": []}, "no region"),
        ({"regions": [{"sem_ext": []}]}, "no description"),
        (label(" ", BOX), "no description"),
        (label("탑", [1, 2, 3]), "boxcorners is not four numbers"),
        (label("탑", BOX, width=0, height=5), "image without size"),
    ],
)
def test_bad_labels_have_their_reason(tmp_path: Path, bad: Any, reason: str) -> None:
    assert faults(read_144(tmp_path, bad)) == {reason: 1}


def test_images_and_labels_find_each_other_across_archives(tmp_path: Path) -> None:
    labels = {f"라벨/{PLACE}/{name}.json": json.dumps(label("탑", None)).encode() for name in ("a", "b")}
    images = {f"원천/{PLACE}/{name}.png": b"-" for name in ("a", "c")}
    write(tmp_path / "set", {"라벨.zip": zip_of(labels), "원천.zip": zip_of(images)})
    a, b, c = read_all(tmp_path / "set", source("aihub-144"), tmp_path / "scratch")
    assert isinstance(a, Record) and a.images[0].path == f"원천/{PLACE}/a.png"
    assert isinstance(b, Record) and b.images[0].path == f"라벨/{PLACE}/b.jpg"
    assert c == Rejected("set", f"원천/{PLACE}/c.png", f"label missing: 원천/{PLACE}/c.png")
