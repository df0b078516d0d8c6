"""Wordings that a user edits: what is wrong in them is named; what is right takes particles."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from components.ingest import wording
from components.ingest.readers import READERS, aihub_79, aihub_144, aihub_71357, mapping, ocr
from components.ingest.records import SourceError
from components.ingest.wording import load_wording

TASKS = {"ask": {"noun"}}
SHIPPED = {
    "ocr": ocr.TASKS,
    "demo-ocr": ocr.TASKS,
    "labels": aihub_79.TASKS,
    "demo-labels": aihub_79.TASKS,
    "objects": aihub_144.TASKS,
    "knowledge": aihub_71357.TASKS,
    "questions": mapping.TASKS,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where wordings lie."""
    monkeypatch.setattr(wording, "_FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_wordings_are_right_and_varied(name: str) -> None:
    words = load_wording(name, SHIPPED[name])
    for task in SHIPPED[name]:
        assert len(set(words[task])) == len(words[task])
        assert len(words[task]) >= 6 or name.startswith("demo-") or task == "answer"


def test_every_wording_has_a_reader() -> None:
    assert {path.stem for path in wording._FOLDER.glob("*.yaml")} == set(SHIPPED)
    assert len(READERS) == 7


def test_a_template_is_drawn_and_filled_in(folder: Path) -> None:
    (folder / "mine.yaml").write_text("ask: ['{noun:은} 무엇?', \"{noun:'이라는} 것?\"]", encoding="utf-8")
    words = load_wording("mine", TASKS)
    drawn = {words.say(random.Random(seed), "ask", noun="{떡}") for seed in range(20)}
    assert drawn == {"{떡}은 무엇?", "'{떡}'이라는 것?"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ask: ['{noun:에게} 무엇?']", "ask: '{noun:에게} 무엇[?]': unknown particle '에게': use one of"),
        ("ask: ['{food:은} 무엇?']", "ask: .*{food} is unknown: allowed here: {noun}"),
        ("ask: ['{noun.upper} 무엇?']", "{noun.upper} is unknown"),
        ("ask: ['{} 무엇?']", "{} is unknown"),
        ("ask: ['{noun 무엇?']", "ask: '{noun 무엇[?]': "),
        ("ask: ['{noun!q} 무엇?']", "ask: .*conversion"),
        ("ask: []", "ask must be a list of at least one text"),
        ("ask: [' ']", "ask must be a list of at least one text"),
        ("ask: [5]", "ask must be a list of at least one text"),
        ("ask: 무엇?", "ask must be a list of at least one text"),
        ("other: [무엇]", "must hold tasks .ask. and no others"),
        ("ask: [무엇]\nother: [무엇]", "must hold tasks .ask. and no others"),
        ("{}", "ask must be a list of at least one text"),
        ("", "must hold tasks"),
        ("ask: [", "is not YAML in UTF-8"),
        ("ask: [무엇]\nask: [뭐]", "is not YAML in UTF-8"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, text: str, reason: str) -> None:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=rf"mine\.yaml.*{reason}"):
        load_wording("mine", TASKS)


@pytest.mark.parametrize("name", ["theirs", "../mine", ""])
def test_an_unknown_wording_names_the_known_ones(folder: Path, name: str) -> None:
    (folder / "mine.yaml").write_text("ask: [무엇]", encoding="utf-8")
    with pytest.raises(SourceError, match=r"is unknown: .* has mine$"):
        load_wording(name, TASKS)


def test_a_file_in_another_encoding_is_named(folder: Path) -> None:
    (folder / "mine.yaml").write_bytes("ask: [무엇]".encode("cp949"))
    with pytest.raises(SourceError, match="is not YAML in UTF-8"):
        load_wording("mine", TASKS)
