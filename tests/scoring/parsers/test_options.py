"""Options that questions list, in the wordings of the benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.prompts.choice import k_dtcbench, k_mmbench, k_mmstar, k_seed
from components.scoring.parsers.options import count_options, read_options

WORDINGS: list[Callable[[str, Sequence[str]], str]] = [k_seed, k_dtcbench, k_mmbench]
INSIDE = [
    ("속성은 무엇인가요?\nOptions: A: 대조, B: 색상, C: 대칭, D: 무늬", ["대조", "색상", "대칭", "무늬"]),
    ("<image 1> 옳은 것은?\nOptions: A: 책 위에 있다., B: 침대 밑에 있다.", ["책 위에 있다.", "침대 밑에 있다."]),
    ("∠1의 크기는?\nChoices:\n(A) 30°\n(B) 1,250\n(C) 60° <image>\n(D) 90°", ["30°", "1,250", "60°", "90°"]),
    ("어느 것인가요? A. 사과; B. 배; C. 감", ["사과", "배", "감"]),
    ("몇 개인가요?\nOptions: A:하나, B:둘", ["하나", "둘"]),
]


@pytest.mark.parametrize("word", WORDINGS)
@pytest.mark.parametrize("count", [2, 3, 4])
def test_options_are_counted(count: int, word: Callable[[str, Sequence[str]], str]) -> None:
    assert count_options(word("무엇인가요?", ["사과", "배", "감", "귤"][:count])) == count


@pytest.mark.parametrize(("question", "options"), INSIDE)
def test_options_inside_the_question(question: str, options: list[str]) -> None:
    prompt = k_mmstar(question)
    assert read_options(prompt) == options
    assert count_options(prompt) == len(options)


def test_four_options_where_none_can_be_seen() -> None:
    assert count_options("무엇인가요?") == 4
    assert read_options("무엇인가요?") == []


@pytest.mark.parametrize(
    "prompt",
    [
        "A. 사과\nB. 배\nA. 감",
        "A. 사과\nC. 감",
        "B. 사과\nC. 감",
        "A. 사과\nB: 배",
        "A. 사과",
        "A. 사과\nB.\nC. 감",
        "A: 이 사진은 어디입니까?\nOptions: A: 서울, B: 부산",
    ],
)
def test_options_that_are_not_certain_are_not_read(prompt: str) -> None:
    assert read_options(prompt) == []


OPTIONS = st.lists(st.text("가나다xyz019 %-", min_size=1).map(str.strip).filter(bool), min_size=2, max_size=4)


@given(OPTIONS, st.sampled_from(WORDINGS))
def test_what_was_worded_is_read_back(options: list[str], word: Callable[[str, Sequence[str]], str]) -> None:
    prompt = word("무엇인가요?", options)
    assert read_options(prompt) == options
    assert count_options(prompt) == len(options)


@given(st.text())
def test_any_prompt_has_two_options_or_more(prompt: str) -> None:
    assert count_options(prompt) >= 2
    assert len(read_options(prompt)) != 1
