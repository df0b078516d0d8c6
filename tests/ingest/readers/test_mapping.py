"""Any layout by declared paths: what they find, what they do not, and files in every format."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.ingest.records import Record, Rejected, SourceError
from tests.archives.builders import write
from tests.ingest.readers.reading import conversation, faults, read_all
from tests.ingest.samples import source

VQA: dict[str, Any] = {"image": "img.name", "items": "qa", "question": "q", "answer": "a"}
ROW = {"id": 5, "img": {"name": "a.png"}, "qa": [{"q": "색은?", "a": "빨강"}, {"q": "몇 개?", "a": 3}]}


def read(folder: Path, contents: dict[str, bytes], /, **paths: Any) -> list[Record | Rejected]:
    write(folder / "set", contents)
    return read_all(folder / "set", source("mapping", mapping=paths), folder / "scratch")


def as_file(*rows: Any) -> dict[str, bytes]:
    return {"rows.json": json.dumps(rows).encode()}


def test_items_become_turns_and_numbers_become_text(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, as_file(ROW), id="id", **VQA)
    assert conversation(entry) == ["<image>\n색은?", "빨강", "몇 개?", "3"]
    assert isinstance(entry, Record) and entry.id == "5" and entry.images[0].path == "a.png"


def test_without_a_question_path_the_wording_asks(tmp_path: Path) -> None:
    rows = [{"img": f"{n}.png", "text": "설명"} for n in range(40)]
    entries = read(tmp_path, as_file(*rows), image="img", answer="text")
    assert [entry.id for entry in entries[:2]] == ["row-0", "row-1"]
    assert len({conversation(entry)[0] for entry in entries}) >= 6


def test_another_seed_asks_differently(tmp_path: Path) -> None:
    write(tmp_path / "set", as_file(*({"text": "설명"} for _ in range(40))))
    declared = source("mapping", mapping={"answer": "text"})
    first, again, other = (read_all(tmp_path / "set", declared, tmp_path / "scratch", seed) for seed in (1, 1, 2))
    assert first == again != other


def test_several_images_and_none(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"i": ["a.png", "b.png"]},
        {"i": []},
        {"i": ""},
        {"i": ["a.png"], "q": "여기 <image> 무엇?"},
    ]
    entries = read(
        tmp_path, as_file(*({"q": "?", "a": "!", **row} for row in rows)), image="i", question="q", answer="a"
    )
    assert [conversation(entry)[0] for entry in entries] == ["<image>\n<image>\n?", "?", "?", "여기 <image> 무엇?"]


@pytest.mark.parametrize(
    ("row", "paths", "reason"),
    [
        (ROW, {**VQA, "answer": "answers[0]"}, "no answer: mapping.answer of source set `answers[0]` finds nothing"),
        (ROW, {**VQA, "question": "x"}, "no question: mapping.question of source set `x` finds nothing"),
        (ROW, {**VQA, "image": "x"}, "no image: mapping.image of source set `x` finds nothing"),
        (ROW, {**VQA, "items": "img"}, "no items: mapping.items of source set `img` finds no list, or an empty one"),
        (
            ROW,
            {**VQA, "answer": "length(a)"},
            "mapping.answer of source set `length(a)` cannot be applied: JMESPathTypeError",
        ),
        ({**ROW, "img": {"name": 5}}, VQA, "image is neither a name nor bytes: int"),
        ({**ROW, "qa": [{"q": "?", "a": True}]}, VQA, "answer is not text: bool"),
        ({**ROW, "qa": [{"q": "?", "a": float("nan")}]}, VQA, "answer is not text: float"),
        ({**ROW, "qa": [{"q": "\ud800", "a": "!"}]}, VQA, "question is not text: str"),
        (None, VQA, "no image: mapping.image of source set `img.name` finds nothing"),
    ],
)
def test_what_is_not_found_is_the_reason(tmp_path: Path, row: Any, paths: Any, reason: str) -> None:
    (entry,) = read(tmp_path, as_file(row), **paths)
    assert isinstance(entry, Rejected) and entry.reason == reason


@pytest.mark.parametrize("field", ["rows", "items", "id", "image", "question", "answer"])
def test_an_invalid_path_names_its_field(tmp_path: Path, field: str) -> None:
    with pytest.raises(SourceError, match=rf"mapping\.{field} of source set in params.yaml: `a\[` is no JMESPath"):
        read(tmp_path, as_file(ROW), **{"answer": "a", field: "a["})


@pytest.mark.parametrize("rows", ["data", '"data"', "data[].inner[]", "data[*]"])
def test_rows_lie_at_a_path(tmp_path: Path, rows: str) -> None:
    content = {"info": {}, "data": [{"a": "!", "inner": [{"a": "!"}]}] * 3}
    entries = read(tmp_path, {"rows.json": json.dumps(content).encode()}, rows=rows, answer="a")
    assert [type(entry) for entry in entries] == [Record] * 3


@pytest.mark.parametrize(("rows", "reason"), [("list", "must hold the lists list"), ("data.list", "finds no list")])
def test_a_file_without_rows_at_the_path_is_a_bad_row(tmp_path: Path, rows: str, reason: str) -> None:
    (entry,) = read(tmp_path, {"rows.json": b'{"data": {}}'}, rows=rows, answer="a")
    assert (
        isinstance(entry, Rejected)
        and entry.reason.startswith("label unreadable: rows.json")
        and reason in entry.reason
    )


@pytest.mark.parametrize(
    ("pattern", "names"), [("*", "abc"), ("labels/*.json", "ab"), ("b.json", "b"), ("*.jsonl", "c")]
)
def test_files_are_chosen_by_a_pattern(tmp_path: Path, pattern: str, names: str) -> None:
    contents = {
        "TL/labels/a.json": b'[{"a": "a"}]',
        "TL/labels/b.json": b'{"a": "b"}',
        "c.jsonl": b'{"a": "c"}',
        "d.txt": b"-",
    }
    entries = read(tmp_path, contents, files=pattern, answer="a")
    assert sorted(conversation(entry)[1] for entry in entries) == list(names)


def test_a_pattern_that_fits_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"has no file .* like mapping.files `\*.tsv`"):
        read(tmp_path, {"a.json": b"[]"}, files="*.tsv", answer="a")


def test_csv_with_lines_that_are_too_long_or_too_short(tmp_path: Path) -> None:
    lines = 'q,a\n무엇?,"하나,\n둘"\n무엇?,하나,둘\n무엇?\n무엇?,셋\n'
    entries = read(tmp_path, {"a.csv": lines.encode("cp949")}, question="q", answer="a")
    assert [conversation(entry)[1] for entry in entries if isinstance(entry, Record)] == ["하나,\n둘", "셋"]
    assert faults(entries) == {"more fields than the head has": 1, "no answer": 1}


@pytest.mark.parametrize(
    "pictures",
    [[b"PNG", b"PNG"], [{"bytes": b"PNG", "path": None}] * 2, [[{"bytes": b"PNG", "path": None}]] * 2],
    ids=["bytes", "struct", "list of structs"],
)
def test_parquet_holds_images_itself(tmp_path: Path, pictures: list[Any]) -> None:
    sink = io.BytesIO()
    pq.write_table(
        pa.Table.from_pylist([{"name": f"n{n}", "image": p, "a": "!"} for n, p in enumerate(pictures)]), sink
    )
    first, second = read(tmp_path, {"a.parquet": sink.getvalue()}, id="name", image="image", answer="a")
    assert isinstance(first, Record) and [(image.path, image.data) for image in first.images] == [("n0", b"PNG")]
    assert second.id == "n1"


@pytest.mark.parametrize(
    ("name", "data"), [("a.parquet", b"PAR1 not whole"), ("a.parquet", b""), ("a.csv", b"a\n\xff\xff")]
)
def test_damaged_tables_are_named(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(SourceError, match=rf"^{name} "):
        read(tmp_path, {name: data}, answer="a")
