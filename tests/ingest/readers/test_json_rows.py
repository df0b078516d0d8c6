"""Rows from a stream are what ``json.loads`` gives, however the stream is cut; broken files are named."""

from __future__ import annotations

import json
import tempfile
import tracemalloc
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.archives.files import open_files
from components.ingest.readers import texts
from components.ingest.readers.json_rows import json_lists, json_rows, one_of_many, whole_json
from components.ingest.records import BadRow, SourceError
from tests.archives.builders import write, zip_of
from tests.ingest.readers.damage import anything
from tests.ingest.samples import archive


def rows_of(data: bytes, key: str | None = None, name: str = "a.json") -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        files = open_files([write(Path(folder) / "set", {name: data})], Path(folder) / "scratch")
        return list(json_rows(files, files.find(name), key))


def lists_of(data: bytes, keys: Collection[str]) -> list[tuple[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        files = open_files([write(Path(folder) / "set", {"a.json": data})], Path(folder) / "scratch")
        return list(json_lists(files, files.find("a.json"), keys))


def same(found: Any, wanted: Any) -> bool:
    """Equal, where NaN is equal to itself."""
    return json.dumps(found) == json.dumps(wanted)


@settings(max_examples=400, deadline=None)
@given(
    rows=st.lists(anything(), max_size=5),
    piece=st.integers(1, 40),
    ascii_=st.booleans(),
    indent=st.sampled_from([None, 2]),
)
def test_any_list_cut_anywhere(rows: list[Any], piece: int, ascii_: bool, indent: int | None) -> None:
    data = json.dumps(rows, ensure_ascii=ascii_, indent=indent).encode(errors="surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_PIECE", piece)
        assert same(rows_of(data), rows)
        assert same(rows_of(b'{"info": [1, {}], "rows": ' + data + b', "more": {}}', "rows"), rows)


@settings(max_examples=200, deadline=None)
@given(value=anything().filter(lambda value: not isinstance(value, list)), piece=st.integers(1, 9))
def test_a_root_that_is_no_list_is_the_only_row(value: Any, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_PIECE", piece)
        assert same(rows_of(json.dumps(value).encode()), [value])


@pytest.mark.parametrize("number", ["-1.5e+300", "12345678901234567890123", "-Infinity", "0.25", "NaN", "true"])
@pytest.mark.parametrize("piece", range(1, 8))
def test_values_are_not_cut_where_pieces_end(number: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_PIECE", piece)
    assert same(rows_of(f"[{number}, {number}]".encode()), [json.loads(number)] * 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("ahead", [0, 3 * 1024**2])
def test_encodings_of_korean_files(encoding: str, ahead: int) -> None:
    """The first Hangul may stand anywhere; a mark at the beginning only."""
    data = (" " * ahead + '["한글", "똠방각하", "펲시"]').encode(encoding)
    assert rows_of(data) == ["한글", "똠방각하", "펲시"]


def test_lists_of_an_object_come_in_the_order_of_the_file() -> None:
    data = json.dumps({"b": [1], "skipped": [[9]], "a": [2, 3], "info": {"a": [4]}}).encode()
    assert lists_of(data, {"a", "b"}) == [("b", 1), ("a", 2), ("a", 3)]


def test_json_lines_with_a_line_that_is_none() -> None:
    first, broken, last = rows_of('{"a": "\u2028"}\r\n\n{"a": \n[1]'.encode(), name="a.jsonl")
    assert first == {"a": "\u2028"} and last == [1]
    assert isinstance(broken, BadRow) and str(broken).startswith("line is not JSON: ")


def test_json_lines_under_the_name_of_json() -> None:
    assert rows_of(b'{"a": 1}\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "a.json is not JSON: Expecting value \\(character 0"),
        (b"[1, 2", "a.json is not JSON: expected , \\(character 5"),
        (
            b'[{"a": 1}, {"a" 2}, {"a": 3}]' + b" " * 50,
            r"a.json is not JSON: Expecting ':' delimiter \(character 16, before '2}, ",
        ),
        (b"[1] 2", "a.json is not JSON: something follows its end \\(character 4"),
        (b"[" * 100_000, "a.json is not JSON: maximum recursion depth exceeded"),
        (b"[" + b"1" * 5000 + b"]", "a.json is not JSON: Exceeds the limit"),
        (b'["\xff\xff"]', "a.json is neither UTF-8 nor CP949"),
    ],
)
def test_broken_files_are_named_with_the_place(data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        rows_of(data)


@pytest.mark.parametrize(
    "data", [b"[]", b'{"images": []}', b'{"images": [], "annotations": {}}', b"{5: []}", b'"text"']
)
def test_missing_lists_are_an_error(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"a\.json"):
        lists_of(data, {"images", "annotations"})


def test_a_fault_near_the_beginning_is_found_without_reading_on() -> None:
    data = b'[{"a" 1}' + b', {"a": 1}' * 3_000_000 + b"]"
    tracemalloc.start()
    with pytest.raises(SourceError, match="character 6"):
        rows_of(data)
    assert tracemalloc.get_traced_memory()[1] < 8 * 1024**2
    tracemalloc.stop()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    row = json.dumps({"id": 1, "words": ["글자"] * 40})
    archive(tmp_path / "set/a.zip", {"a.json": f"[{','.join([row] * 40_000)}]".encode()})
    files = open_files([tmp_path / "set"], tmp_path / "scratch")
    assert files.find("a.json").size > 20 * 1024**2
    tracemalloc.start()
    assert sum(1 for _ in json_rows(files, files.find("a.json"))) == 40_000
    assert tracemalloc.get_traced_memory()[1] < 12 * 1024**2
    tracemalloc.stop()


def test_one_small_file_of_many_is_one_bad_row(tmp_path: Path) -> None:
    long = b"[" + b"1," * 3 * 1024**2 + b"}"
    files = open_files([write(tmp_path / "set", {"small.json": b"[1, 2, }", "long.json": long})], tmp_path / "scratch")
    small = files.find("small.json")
    first, second, bad = one_of_many(small, json_rows(files, small))
    assert (first, second) == (1, 2) and str(bad).startswith("label unreadable: small.json is not JSON: ")
    with pytest.raises(SourceError, match=r"long\.json"):
        list(one_of_many(files.find("long.json"), json_rows(files, files.find("long.json"))))


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    data = zip_of({"a.json": b'["' + b"a" * 500 + b'"]'})
    files = open_files([write(tmp_path / "set", {"a.zip": data.replace(b"aaaa", b"aaab", 1)})], tmp_path / "scratch")
    with pytest.raises(SourceError, match=r"a\.json cannot be read"):
        whole_json(files, files.find("a.json"))
