"""Keys are checked before they are sent, and never shown."""

from __future__ import annotations

import html
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stages.keys import BadKey, hide, is_key, read_key

VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=40)


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_no_key(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("A_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("A_KEY", value)
    assert read_key("A_KEY") == ""


def test_a_key_loses_the_line_that_it_was_copied_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", " sk-1/2+3=\n")
    assert read_key("A_KEY") == "sk-1/2+3="


@pytest.mark.parametrize("value", ["비밀", "“sk-1”", "two words", "sk-1\nX: y", "sk\x7f"])
def test_what_can_be_no_key_is_told_without_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("A_KEY", value)
    with pytest.raises(BadKey, match="variable A_KEY holds no key") as caught:
        read_key("A_KEY")
    assert value not in str(caught.value)


@given(VISIBLE, st.sampled_from([str, json.dumps, html.escape, repr, lambda key: urllib.parse.quote(key, safe="")]))
def test_it_is_hidden_however_it_is_written(key: str, write: object) -> None:
    assert is_key(key) and callable(write)
    assert key not in hide(f"before {write(key)} after", key)
    assert "***" in hide(f"before {write(key)} after", key)


@given(VISIBLE, st.integers(9))
def test_a_key_that_was_cut_is_hidden_too(key: str, length: int) -> None:
    assert not hide(f"the key {key[:length]}", key).endswith(key[:length])


def test_other_words_stay() -> None:
    assert hide("Error code: 401 - {'message': 'no'}", "sk-12345678", None, "") == "Error code: 401 - {'message': 'no'}"
    assert hide("one sk-1, two sk-12", "sk-1", "sk-12") == "one ***, two ***"
