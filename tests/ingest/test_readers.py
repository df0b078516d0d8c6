"""Each reader on a small data set with the faults of the real one."""

from __future__ import annotations

import json
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.ingest.checks import Rules, check
from components.ingest.readers import aihub_79, aihub_81, llava
from components.ingest.records import Record, Rejected, Sample, SourceError
from tests.ingest.samples import archive, chat, png, row, source

IMAGE = {"images/a.png": png()}


def reasons(entries: list[Record | Rejected]) -> list[str]:
    return [entry.fault for entry in entries if isinstance(entry, Rejected)]


def test_llava_reads_loose_images_text_only_rows_and_both_kinds_of_id(tmp_path: Path) -> None:
    text_only = row("1 더하기 1은?", "2", id=7)
    del text_only["image"]
    folder = chat(tmp_path, [row(), text_only, row(image=["a.png", "a.png"], question="<image><image>둘?")], IMAGE)
    first, second, third = llava.read(folder, source("llava"))
    assert isinstance(first, Record) and first.images[0].data == IMAGE["images/a.png"]
    assert isinstance(second, Record) and second.id == "7" and second.images == ()
    assert isinstance(third, Record) and len(third.images) == 2


def test_llava_reads_images_inside_an_archive(tmp_path: Path) -> None:
    chat(tmp_path, [row(image="00453/a.png")])
    archive(tmp_path / "images.zip", {"00453/a.png": png(), "00454/a.png": png((9, 9))})
    (entry,) = llava.read(tmp_path, source("llava"))
    assert isinstance(entry, Record) and entry.images[0].data == png()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("text", "row is not an object"),
        ({"id": "a"}, "no list of conversations"),
        (row(image="b.png"), "image missing"),
        (row(image="../a.png"), "image missing"),
        (row(image=5), "image is not a path"),
        (row(conversations=[{"from": "human"}]), "turn without text"),
        (row(conversations=[{"from": "dog", "value": "멍"}]), "unknown speaker"),
        (row("half of a character \ud800"), "turn without text"),
    ],
)
def test_llava_gives_the_reason_for_a_bad_row(tmp_path: Path, bad: Any, reason: str) -> None:
    entries = list(llava.read(chat(tmp_path, [bad, row()], IMAGE), source("llava")))
    assert reasons(entries) == [reason]
    assert isinstance(entries[1], Record)


def test_llava_needs_one_json_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"has 0 JSON files"):
        list(llava.read(tmp_path, source("llava")))


def test_folder_as_label_set_with_decomposed_and_cp949_names(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "구이/갈비구이/Img_000_0000.jpg")
    archive(
        tmp_path / "구이.zip",
        {decomposed: png(), "구이/갈비구이/crop_area.properties": b"x", "top.jpg": png()},
    )
    (tmp_path / "찜.zip").write_bytes(_as_cp949("찜/갈비찜/Img_001_0000.jpg", png()))
    entries = list(aihub_79.read(tmp_path, source("aihub-79", noun="음식")))
    records = [entry for entry in entries if isinstance(entry, Record)]
    assert [record.conversation[1].content for record in records] == ["갈비구이", "갈비찜"]
    assert records[0].conversation[0].content == "<image>\n이 음식은 무엇인가요?"
    assert reasons(entries) == ["no label folder"]


def _as_cp949(name: str, data: bytes) -> bytes:
    """An archive as Korean Windows writes it: CP949 bytes as the name, and no flag that says so."""
    import io

    stream = io.BytesIO()
    raw = name.encode("cp949")
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr("x" * len(raw), data)
    return stream.getvalue().replace(b"x" * len(raw), raw)


def test_damaged_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "구이.zip").write_bytes(b"PK not whole")
    with pytest.raises(SourceError, match=r"구이\.zip is not a whole zip archive"):
        list(aihub_79.read(tmp_path, source("aihub-79")))


def _text_in_the_wild(folder: Path, annotations: list[Any], images: list[Any] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    default = [{"id": "1", "width": 200, "height": 100, "file_name": "a.png", "type": "book"}]
    content = {"images": default if images is None else images, "annotations": annotations}
    (folder / aihub_81.LABELS).write_text(json.dumps(content), encoding="utf-8")
    archive(folder / "book.zip", {"book/a.png": png()})
    return folder


def _word(text: Any, bbox: Any, kind: str = "word") -> dict[str, Any]:
    return {"image_id": "1", "bbox": bbox, "text": text, "attributes": {"class": kind}}


def test_words_are_read_line_by_line_without_what_is_unreadable(tmp_path: Path) -> None:
    folder = _text_in_the_wild(
        tmp_path,
        [
            _word("아래", [10, 60, 40, 20]),
            _word("오른쪽", [120, 8, 60, 20]),
            _word("왼쪽", [-20, 10, 60, 20]),
            _word("###", [0, 40, 10, 10]),
            _word(None, [0, 40, 10, 10]),
            _word("글", [0, 40, 10, 10], "character"),
            _word("글자", [0, 40, 10, 10], "ignored"),
        ],
    )
    (entry,) = aihub_81.read(folder, source("aihub-81"))
    assert isinstance(entry, Record)
    answers = {turn.content for turn in entry.conversation if turn.role == "assistant"}
    assert answers == {
        "왼쪽 오른쪽 아래",
        "[0.00,0.10,0.20,0.30]",
        "[0.60,0.08,0.90,0.28]",
        "[0.05,0.60,0.25,0.80]",
    }


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (_word(None, [0, 0, 9, 9]), "no readable word"),
        (_word("글", [0, 0, 9]), "bbox is not four numbers"),
        (_word("글", [0, 0, 9, 1e999]), "bbox is not four numbers"),
        (_word(["글"], [0, 0, 9, 9]), "text is not text"),
        (["not an annotation"], "annotation is not an object"),
    ],
)
def test_text_in_the_wild_gives_the_reason_for_a_bad_image(tmp_path: Path, annotation: Any, reason: str) -> None:
    entries = list(aihub_81.read(_text_in_the_wild(tmp_path, [annotation]), source("aihub-81")))
    assert reason in reasons(entries)


def test_text_in_the_wild_image_that_is_not_there(tmp_path: Path) -> None:
    images = [{"id": "1", "width": 200, "height": 100, "file_name": "b.png"}, {"id": "2"}, 3]
    entries = list(aihub_81.read(_text_in_the_wild(tmp_path, [_word("글", [0, 0, 9, 9])], images), source("aihub-81")))
    assert reasons(entries) == ["image missing", "image without file_name", "image without file_name"]


def _anything() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | _objects(inner), max_leaves=6)


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(["id", "image", "conversations", "from", "value"])
    return st.dictionaries(keys, inner, max_size=4)


def _damaged() -> st.SearchStrategy[Any]:
    """Rows with some fields replaced by anything."""
    fields = st.dictionaries(st.sampled_from(["id", "image", "conversations"]), _anything(), max_size=2)
    return _anything() | fields.map(lambda given: {**row(), **given})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_damaged(), max_size=6))
def test_every_row_is_kept_or_refused(tmp_path: Path, rules: Rules, rows: list[Any]) -> None:
    entries = list(llava.read(chat(tmp_path, rows, IMAGE), source("llava")))
    checked = [entry if isinstance(entry, Rejected) else check(entry, rules) for entry in entries]
    kept = sum(isinstance(entry, Sample) for entry in checked)
    refused = sum(isinstance(entry, Rejected) for entry in checked)
    assert kept + refused == len(rows)
