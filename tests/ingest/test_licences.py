"""The file of licences, and what is said where it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.ingest.licences import read_licences
from components.ingest.records import SourceError
from tests.ingest.samples import source

GOOD = """\
a: {title: A, commercial: no, conditions: {ko: 가, en: a}, link: "https://example.org/a"}
b: {title: B, commercial: yes, conditions: {ko: 나, en: b}, link: "https://example.org/b"}
"""


@pytest.mark.parametrize(
    ("name", "commercial"),
    [
        ("demo", "yes"),
        ("cc0", "yes"),
        ("cc-by-4.0", "yes"),
        ("cc-by-nc-4.0", "no"),
        ("aihub", "ask"),
        ("cc3m", "no"),
        ("llava-instruct", "no"),
        ("laion-cc-sbu", "ask"),
        ("see-card", "ask"),
    ],
)
def test_shipped_licences(name: str, commercial: str) -> None:
    assert read_licences([source("llava", licence=name)])[name].commercial == commercial


def test_only_those_that_are_named_come_in_the_order_of_their_use(tmp_path: Path) -> None:
    file = tmp_path / "licences.yaml"
    file.write_text(GOOD, encoding="utf-8")
    sources = [source("llava", licence=name) for name in ("b", "a", "b")]
    assert list(read_licences(sources, file)) == ["b", "a"]
    assert list(read_licences(sources[:1], file)) == ["b"]


def test_an_unknown_licence_names_source_field_choices_and_file(tmp_path: Path) -> None:
    file = tmp_path / "licences.yaml"
    file.write_text(GOOD, encoding="utf-8")
    with pytest.raises(
        SourceError, match=r"^source signs: licence 'c' is unknown: use one of a, b, or add it to .*yaml"
    ):
        read_licences([source("llava", name="signs", licence="c")], file)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("commercial: no", "commercial: maybe", "a.commercial: Input should be 'yes', 'no' or 'ask'"),
        ("title: A, ", "", "a.title: Field required"),
        ("en: a}", "en: ''}", "a.conditions.en: String should have at least 1 character"),
        ("https://example.org/a", "example", "a.link: String should match"),
        ("title: A", "name: A, title: A", "a.name: Extra inputs are not permitted"),
        (GOOD, "", "Input should be a valid dictionary"),
        (GOOD, "a: [", "cannot be read as YAML in UTF-8"),
        ("b: {", "a: {", "cannot be read as YAML in UTF-8"),
    ],
)
def test_a_malformed_file_is_named_with_its_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "licences.yaml"
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        read_licences([source("llava", licence="b")], file)
    assert str(file) in str(raised.value) and message in str(raised.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_licences([], tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(SourceError, match="cannot be read"):
        read_licences([], tmp_path / "bytes.yaml")
