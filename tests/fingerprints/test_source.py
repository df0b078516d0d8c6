"""What counts of a file, and what it imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.fingerprints.source import Source, read_source

TEXT = '''"""Doubles."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.params.schema import Params


def double(value: int) -> int:
    """Twice the value."""
    return 2 * value  # exactly


LIMIT = 3
"""The most."""
'''


def read(folder: Path, text: str, module: str = "components.a.b", kept: frozenset[str] | None = None) -> Source:
    """Of a file with this text; each has a place of its own."""
    file = folder / f"{len(list(folder.iterdir()))}.py"
    file.write_text(text, encoding="utf-8")
    return read_source(file, module, kept)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""Doubles."""', '"""Says twice as much."""'),
        ('    """Twice the value."""\n', ""),
        ("  # exactly", ""),
        ("return 2 * value", "return (\n        2 * value\n    )"),
        ('"""The most."""', "# The most."),
        ("import Params", "import Params, Source"),
        ("LIMIT = 3", "LIMIT = 0x3"),
    ],
)
def test_what_does_not_run_does_not_count(tmp_path: Path, before: str, after: str) -> None:
    assert before in TEXT
    assert read(tmp_path, TEXT) == read(tmp_path, TEXT.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2 * value", "3 * value"),
        ("2 * value", "2 + value"),
        ("LIMIT = 3", "LIMIT = 4"),
        ("LIMIT = 3", "LIMIT = 3.0"),
        ("LIMIT = 3", "LIMIT = '3'"),
        ("def double", "@cache\ndef double"),
        ("    return 2 * value", "    assert value\n    return 2 * value"),
    ],
)
def test_what_runs_counts(tmp_path: Path, before: str, after: str) -> None:
    assert before in TEXT
    assert read(tmp_path, TEXT).digest != read(tmp_path, TEXT.replace(before, after)).digest


def test_a_file_in_which_nothing_runs_has_no_digest(tmp_path: Path) -> None:
    assert read(tmp_path, '"""A package."""\n').digest == read(tmp_path, "").digest == ""


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    text = """
import numpy as np
from components.x import one, two
from . import beside
from ..c.d import taken

def late():
    from components.late import thing
    import importlib
    importlib.import_module("components.by.name")
"""
    found = read(tmp_path, text).imports
    assert found == {
        "numpy",
        "components.x.one",
        "components.x.two",
        "components.a.beside",
        "components.c.d.taken",
        "components.late.thing",
        "importlib",
        "components.by.name",
    }


def test_imports_for_types_alone_are_not_followed(tmp_path: Path) -> None:
    assert read(tmp_path, TEXT).imports == {"__future__.annotations", "typing.TYPE_CHECKING"}


REGISTRY = """
from components.readers import first, second
from components.other import helper

READERS = {"the-first": first.read, "the-second": second.read}
LIMITS = {"the-first": 1, "the-second": 2}

def read(name):
    return helper(READERS[name])
"""


def test_of_a_table_of_plugins_only_the_chosen_count(tmp_path: Path) -> None:
    one = frozenset({"the-first"})
    found = read(tmp_path, REGISTRY, kept=one)
    assert found.imports == {"components.readers.first", "components.other.helper"}
    third = REGISTRY.replace("first, second", "first, second, third").replace("{", '{"the-third": third.read, ', 1)
    assert read(tmp_path, third, kept=one) == found
    assert read(tmp_path, third) != read(tmp_path, REGISTRY)
    assert read(tmp_path, REGISTRY.replace('"the-first": 1', '"the-first": 3'), kept=one) != found
