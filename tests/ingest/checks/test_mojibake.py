"""Text in a wrong encoding is told from text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ingest.checks.mojibake import is_garbled

SENTENCES = ["안녕하세요", "이 음식은 무엇인가요?", "갈비구이입니다.", "출구 1번", "서울특별시 종로구 세종대로"]


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize(
    ("written", "read"), [("utf-8", "latin-1"), ("utf-8", "cp1252"), ("cp949", "latin-1"), ("utf-8", "cp949")]
)
def test_korean_read_in_a_wrong_encoding(text: str, written: str, read: str) -> None:
    assert is_garbled(text.encode(written).decode(read, errors="replace"))


@pytest.mark.parametrize("text", ["donâ€™t", "cafÃ© au lait", "a\ufffdb", "a\x00b", "a\x85b"])
def test_other_signs(text: str) -> None:
    assert is_garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        *SENTENCES,
        "The café serves crème brûlée, naïve façade, Übergröße",
        "가격은 3,500원(약 2.5€)이고 온도는 20±2℃, 5µm, ½컵입니다.",
        "탭\t과 줄\n바꿈",
        "大韓民國 서울 (漢城) ㄱㄴㄷ ㅋㅋㅋ",
        "뷁 햏 뙇 쀍 — 드문 글자",
        "½ § © ® ° × ÷ ¿Qué?",
        "日本語とタイ語 ภาษาไทย русский язык",
        "😀 이모지 👍🏽",
        "",
    ],
)
def test_text_that_is_right(text: str) -> None:
    assert not is_garbled(text)


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=40))
def test_composed_hangul_is_never_garbled_when_common(text: str) -> None:
    common = "".join(letter for letter in text if letter.encode("utf-8", "ignore") and _in_ks_x_1001(letter))
    assert not is_garbled(common)


def _in_ks_x_1001(letter: str) -> bool:
    """The 2,350 syllables of KS X 1001."""
    try:
        return len(letter.encode("euc-kr")) == 2
    except UnicodeEncodeError:
        return False
