"""What the parsers read from Korean answers, and what they refuse to guess."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from components.scoring.parsers import Box, count_options, normalise_text, parse_box, parse_letter
from components.prompts.choice import k_dtcbench, k_mmbench

LETTERS: list[tuple[str, str | None]] = [
    # the letter alone
    ("A", "A"),
    ("D\n", "D"),
    ("b", "B"),
    ("B.", "B"),
    ("(C)", "C"),
    ("[C]", "C"),
    ("'D'", "D"),
    ("**B**", "B"),
    ("C)", "C"),
    ("Ｂ", "B"),
    ("Ⓐ", "A"),
    ("(d)", "D"),
    # Hangul counts as a word character
    ("A입니다", "A"),
    ("A입니다.", "A"),
    ("B예요", "B"),
    ("D번", "D"),
    ("D번입니다.", "D"),
    ("C가 맞습니다", "C"),
    ("저는C라고 생각합니다", "C"),
    ("옵션 B", "B"),
    ("선택지 (B)입니다", "B"),
    ("제 생각에는 C입니다", "C"),
    # after 정답 or 답
    ("정답은 B입니다", "B"),
    ("정답: A", "A"),
    ("정답:A", "A"),
    ("정답 C", "C"),
    ("정답은 (D)입니다.", "D"),
    ("정답은 'B'입니다.", "B"),
    ("정답은 b입니다", "B"),
    ("답: d", "D"),
    ("답은 C", "C"),
    ("답변: B", "B"),
    ("Answer: B", "B"),
    ("The answer is C.", "C"),
    ("정답\n\nD", "D"),
    ("정답은 B. 사과", "B"),
    ("정답: A, 사과입니다", "A"),
    ("A와 B가 있지만 정답은 C", "C"),
    ("A와 B가 있지만 정답은 C입니다.", "C"),
    ("A, B, C, D 중 정답은 D입니다", "D"),
    ("처음에는 정답이 A라고 생각했지만, 정답은 B입니다.", "B"),
    ("답: A\n다시 보니 답: C", "C"),
    ("정답은 B입니다. A는 답이 될 수 없습니다.", "B"),
    ("B는 오답, 정답은 C", "C"),
    ("정답은 C이고 A는 오답입니다", "C"),
    # before 정답 or 답
    ("B가 정답입니다.", "B"),
    ("A보다는 C가 정답", "C"),
    ("B가 답입니다. A는 아닙니다.", "B"),
    ("D번이 답이다", "D"),
    ("정답을 고르면 A가 정답입니다", "A"),
    # denied letters
    ("A가 아니라 B입니다", "B"),
    ("정답은 A가 아니라 B입니다", "B"),
    ("A는 틀렸습니다. C입니다.", "C"),
    ("A번이 아닙니다", None),
    # the answer begins with it
    ("B. 사과가 A보다 큽니다", "B"),
    ("B: 사과", "B"),
    ("C 사과", "C"),
    # conclusions
    ("A는 빨갛고 B는 파랗습니다. 따라서 B", "B"),
    ("A도 B도 그럴듯하다. 그러므로 D입니다", "D"),
    # no choice, or several
    ("", None),
    ("   ", None),
    ("모르겠습니다", None),
    ("사과", None),
    ("1번", None),
    ("①", None),
    ("A와 B", None),
    ("A 또는 B", None),
    ("정답은 A 또는 B입니다", None),
    ("정답: A, B", None),
    ("A, B, C, D", None),
    ("A/B", None),
    ("그림에는 A와 B가 있습니다", None),
    ("E", None),
    ("정답은 F입니다", None),
    # letters that are part of something else
    ("DNA입니다", None),
    ("ABCD", None),
    ("A4 용지", None),
    ("3D 그림", None),
    ("B+ 학점", None),
    ("D-day", None),
    ("A/S 센터", None),
    ("A cat", None),
    ("DNA가 보이므로 B", "B"),
    ("A4 용지이므로 정답은 C", "C"),
    ("Banana", None),
    ("비타민 C가 들어 있으므로 정답은 A", "A"),
]


@pytest.mark.parametrize(("response", "letter"), LETTERS)
def test_letter(response: str, letter: str | None) -> None:
    assert parse_letter(response) == letter


@pytest.mark.parametrize(("response", "letter"), LETTERS[:60:7])
def test_decomposed_hangul_is_read_alike(response: str, letter: str | None) -> None:
    assert parse_letter(unicodedata.normalize("NFD", response)) == letter


def test_only_listed_letters_count() -> None:
    assert parse_letter("C", "AB") is None
    assert parse_letter("정답은 B", "AB") == "B"


@pytest.mark.parametrize("letter", "ABCD")
@pytest.mark.parametrize(
    "frame",
    [
        "{}",
        "{}입니다",
        "정답은 {}입니다",
        "{}번",
        "({})",
        "A와 B가 있지만 정답은 {}",
        "정답: {}",
        "답은 {}번이다",
        "{}가 정답이다",
    ],
)
def test_every_letter_in_every_frame(frame: str, letter: str) -> None:
    assert parse_letter(frame.format(letter)) == letter


@pytest.mark.parametrize(("count", "word"), [(2, k_mmbench), (3, k_mmbench), (4, k_mmbench), (4, k_dtcbench)])
def test_options_are_counted(count: int, word: Callable[[str, list[str]], str]) -> None:
    assert count_options(word("무엇인가요?", ["사과", "배", "감", "귤"][:count])) == count


def test_four_options_where_none_can_be_seen() -> None:
    assert count_options("무엇인가요?") == 4


BOXES: list[tuple[str, Box | None]] = [
    ("[0.10,0.20,0.30,0.40]", (0.1, 0.2, 0.3, 0.4)),
    ("[0.1, 0.2, 0.3, 0.4]입니다", (0.1, 0.2, 0.3, 0.4)),
    ("위치는 [0,0,1,1]", (0, 0, 1, 1)),
    ("[.1,.2,.3,.4]", (0.1, 0.2, 0.3, 0.4)),
    ("[10,20,30,40] 또는 [0.1,0.2,0.3,0.4]", (0.1, 0.2, 0.3, 0.4)),
    ("[0.1,0.2,0.3,0.4] [0.5,0.5,0.6,0.6]", (0.1, 0.2, 0.3, 0.4)),
    ("", None),
    ("0.1,0.2,0.3,0.4", None),
    ("[0.1,0.2,0.3]", None),
    ("[0.1,0.2,0.3,0.4,0.5]", None),
    ("[0.3,0.2,0.1,0.4]", None),
    ("[-0.1,0.2,0.3,0.4]", None),
    ("[0.1,0.2,0.3,1.4]", None),
    ("[가,나,다,라]", None),
]


@pytest.mark.parametrize(("response", "box"), BOXES)
def test_box(response: str, box: Box | None) -> None:
    assert parse_box(response) == box


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


def test_the_table_is_large_enough() -> None:
    assert len(LETTERS) >= 80
