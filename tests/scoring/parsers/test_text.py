"""Texts in answers, normalised."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.scoring.parsers.text import normalise_text

TEXTS = [
    ("서울역", "서울역"),
    (" 서울역 \n", "서울역"),
    ("서울역.", "서울역"),
    ("'서울역'", "서울역"),
    ("“서울역.”", "서울역"),
    ("「서울역」.", "서울역"),
    ("서울   역", "서울 역"),
    (unicodedata.normalize("NFD", "서울역"), "서울역"),
    ("3.5", "3.5"),
    ("", ""),
    ("...", ""),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_text(text: str, expected: str) -> None:
    assert normalise_text(text) == expected
    assert normalise_text(expected) == expected


@given(st.text())
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalise_text(text)
    assert normalise_text(once) == once
    assert normalise_text(unicodedata.normalize("NFD", text)) == once
