"""Which letter Korean answers choose, and which are not read: ``letter_answers.csv`` and what holds of any text."""

from __future__ import annotations

import csv
import time
import unicodedata
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.scoring.parsers.letter import parse_letter
from components.scoring.parsers.text import normalise_text

TABLE = Path(__file__).with_name("letter_answers.csv")
LETTERS = "ABCDEF"


class Answer(NamedTuple):
    """A row: what a model said, the options' texts (or only how many), the letter that it chose, or ""."""

    response: str
    options: str
    expected: str
    note: str

    def letter(self, response: str) -> str:
        texts = self.options.split("|")
        if len(texts) == 1:
            return parse_letter(response, LETTERS[: int(self.options)]) or ""
        return parse_letter(response, LETTERS[: len(texts)], texts) or ""


def read_table() -> list[Answer]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return [Answer(**row) for row in csv.DictReader(lines)]


ANSWERS = read_table()
# Pieces that the rules know, in any order, reach more of them than random text does.
SIGNS = [*" \n.,:()①é", "**", "~~", "\\boxed{"]
WORDS = [
    "정답",
    "답",
    "오답",
    "은 ",
    "가 ",
    "는 ",
    "와 ",
    "입니다",
    "아니라 ",
    "따라서 ",
    "즉 ",
    "번",
    "중 ",
    "옵션 ",
    "맞습니다",
]
MORE_WORDS = ["옵션 ", "맞습니다", "answer", "is ", "not ", "다시 보니 ", "비타민 ", "형", "사과"]
PIECES = st.lists(st.sampled_from([*"ABCDEabc", *SIGNS, *WORDS, *MORE_WORDS]), max_size=16).map("".join)
THOUGHTS = st.lists(st.sampled_from(["<think>", "</think>", "정답: A", "B", "\n"]), max_size=6).map("".join)
ANY_TEXT = st.one_of(st.text(max_size=60), PIECES, THOUGHTS)


@pytest.mark.parametrize("answer", ANSWERS, ids=[f"{row}-{answer.note}" for row, answer in enumerate(ANSWERS)])
def test_table(answer: Answer) -> None:
    assert answer.letter(answer.response) == answer.expected
    assert answer.letter(unicodedata.normalize("NFD", answer.response)) == answer.expected


def test_the_table_asks_each_answer_once_and_refuses_many() -> None:
    assert len({(answer.response, answer.options) for answer in ANSWERS}) == len(ANSWERS) >= 220
    assert sum(not answer.expected for answer in ANSWERS) >= 150


@pytest.mark.parametrize("letter", "ABCDEF")
@pytest.mark.parametrize(
    "frame",
    [
        "{}",
        "{}입니다",
        "정답은 {}입니다",
        "{}번",
        "({})",
        "{}. 사과",
        "E와 F가 있지만 정답은 {}",
        "정답: {}",
        "답은 {}번이다",
        "{}가 정답이다",
        "그림을 보면 {}가 맞습니다.",
        "고양이가 보입니다. 따라서 {}입니다.",
        "The answer is {}.",
        "<think>정답은 A? B?</think>{}",
    ],
)
def test_every_letter_in_every_frame(frame: str, letter: str) -> None:
    assert parse_letter(frame.format(letter), LETTERS) == letter
    assert parse_letter(frame.format(letter), LETTERS[:2]) == (letter if letter in "AB" else None)


@given(ANY_TEXT, st.sampled_from(["AB", "ABC", "ABCD", "ABCDEF"]))
def test_any_text_gives_one_of_the_letters_or_none(text: str, letters: str) -> None:
    assert parse_letter(text, letters) in {None, *letters}
    assert parse_letter(text, letters, ["사과", text, "배"]) in {None, *letters}


@given(ANY_TEXT, st.text(" \n\t\r\u3000", max_size=5))
def test_white_space_around_changes_nothing(text: str, space: str) -> None:
    assert parse_letter(text + space) == parse_letter(text) == parse_letter(space + text)


@given(ANY_TEXT)
def test_composed_and_decomposed_text_are_read_alike(text: str) -> None:
    letters = {parse_letter(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
    assert letters == {parse_letter(text)}


@given(st.one_of(st.text(max_size=60), PIECES).filter(lambda text: "<" not in text), st.sampled_from("ABCD"))
def test_the_answer_named_at_the_end_wins_over_any_text(text: str, letter: str) -> None:
    assert parse_letter(f"{text}정답: {letter}") == letter
    assert parse_letter(f"{text}\n\n정답은 {letter}입니다.") == letter


NOUNS = st.text("가나라마바사 ", min_size=1).map(normalise_text).filter(bool)
FRAMES = ["{}", "{}.", "정답은 {}입니다.", "정답: {}", "'{}'", "**{}**", "답은 '{}'입니다", " {}\n"]


@given(st.lists(NOUNS, min_size=2, max_size=5, unique=True), st.sampled_from(FRAMES), st.data())
def test_the_text_of_exactly_one_option_is_its_letter(nouns: list[str], frame: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(nouns) - 1))
    response = frame.format(nouns[place])
    assert parse_letter(response, LETTERS, nouns) == LETTERS[place]
    assert parse_letter(response, LETTERS) is None
    assert parse_letter(response, LETTERS, [*nouns, nouns[place]]) is None


@given(st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=3))
def test_thinking_before_the_answer_changes_nothing(answers: list[Answer]) -> None:
    thought, said = "\n".join(answer.response for answer in answers), answers[0]
    if "think" not in said.response and "thought" not in said.response:
        assert said.letter(f"<think>{thought}</think>\n{said.response}") == said.expected


def test_options_may_be_absent_or_empty() -> None:
    assert parse_letter("사과", "ABCD", ()) is None
    assert parse_letter("정답: B", "ABCD", []) == "B"
    assert parse_letter("", "AB", ["", "배"]) is None


def test_ten_thousand_answers_take_seconds() -> None:
    start = time.process_time()
    for number in range(10_000):
        answer = ANSWERS[number % len(ANSWERS)]
        answer.letter(answer.response)
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "response",
    [
        "A" + "\n" * 20_000 + "B",
        "정답" + ":" * 20_000 + "a cat",
        "A" + '"' * 20_000 + "B",
        "A" + " (" * 20_000,
        "_" * 20_000 + "a" + "_" * 20_000,
        "A B " * 5_000,
        "정답: A " * 1_000,
        "<think>" * 5_000,
        "\\boxed{" * 3_000,
    ],
    ids=lambda response: response[:8].encode("unicode_escape").decode(),
)
def test_a_model_that_repeats_itself_does_not_hang_the_parser(response: str) -> None:
    start = time.process_time()
    parse_letter(response)
    assert time.process_time() - start < 3
