"""LLaVA's JSON: which file is meant, and what each row becomes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.ingest.records import Record, Rejected, SourceError
from tests.archives.builders import write, zip_of
from tests.ingest.readers.reading import faults, read_all
from tests.ingest.samples import row, source


def read(folder: Path, *rows: Any, name: str = "chat.json", **fields: Any) -> list[Record | Rejected]:
    write(folder / "set", {name: json.dumps(list(rows)).encode()})
    return read_all(folder / "set", source("llava", **fields), folder / "scratch")


def test_text_only_rows_several_images_and_both_kinds_of_id(tmp_path: Path) -> None:
    text_only = row("1 더하기 1은?", "2", id=7)
    del text_only["image"]
    first, second, third = read(tmp_path, row(), text_only, row(image=["a.png", "b.png"]), key_pattern="(.)\\.png")
    assert isinstance(first, Record) and [image.path for image in first.images] == ["a.png"] and first.split_key == "a"
    assert isinstance(second, Record) and (second.id, second.images, second.split_key) == ("7", (), "")
    assert isinstance(third, Record) and [image.path for image in third.images] == ["a.png", "b.png"]


@pytest.mark.parametrize("given", [None, "", True, 1.5, ["a"], "half \ud800"])
def test_rows_without_a_usable_id_are_numbered(tmp_path: Path, given: Any) -> None:
    assert [entry.id for entry in read(tmp_path, row(id=given), row(id=given))] == ["row-0", "row-1"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("text", "row is not an object"),
        ({"id": "a"}, "no list of conversations"),
        (row(image=5), "image is not a path"),
        (row(image=[""]), "image is not a path"),
        (row(conversations=[{"from": "human"}]), "turn without text"),
        (row(conversations=[{"from": "dog", "value": "멍"}]), "unknown speaker"),
        (row("half of a character \ud800"), "turn without text"),
    ],
)
def test_bad_rows_have_their_reason(tmp_path: Path, bad: Any, reason: str) -> None:
    entries = read(tmp_path, bad, row())
    assert faults(entries) == {reason: 1}
    assert isinstance(entries[1], Record)


def test_json_lines_with_a_bad_line(tmp_path: Path) -> None:
    lines = [json.dumps(row(id=1)), '{"id": 2', json.dumps(row(id=3))]
    write(tmp_path / "set", {"train.jsonl": "\n".join(lines).encode()})
    entries = read_all(tmp_path / "set", source("llava"), tmp_path / "scratch")
    assert [entry.id for entry in entries] == ["1", "row-1", "3"]
    assert faults(entries) == {"line is not JSON": 1}


@pytest.mark.parametrize("others", [{"metadata.json": b"{}"}, {"images.zip": zip_of({"a.json": b"{}"})}])
def test_the_main_file_is_found_among_others(tmp_path: Path, others: dict[str, bytes]) -> None:
    write(tmp_path / "set", others)
    assert len(read(tmp_path, row())) == 1


@pytest.mark.parametrize(("files", "count"), [({}, 0), ({"a.json": b"[]", "b.json": b"[]"}, 2)])
def test_one_file_must_be_meant(tmp_path: Path, files: dict[str, bytes], count: int) -> None:
    write(tmp_path / "set", {"note.txt": b"-", **files})
    with pytest.raises(SourceError, match=rf"has {count} JSON files"):
        read_all(tmp_path / "set", source("llava"), tmp_path / "scratch")
