"""What is read from replies, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.evaluate.judge.ratings import HIGHEST, LOWEST, read_rating


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("8 7", [8, 7]),
        ("8, 7", [8, 7]),
        ("8,7.", [8, 7]),
        ("8점, 7.5점", [8, 7.5]),
        ("10 10", [10, 10]),
        ("８　７", [8, 7]),
        ("**8 7**", [8, 7]),
        ("`8 7`", [8, 7]),
        ("[8, 7]", [8, 7]),
        ("8/7", [8, 7]),
        ("8/10 7/10", [8, 7]),
        ("8/10, 10/10", [8, 10]),
        ("8점과 7점입니다.", [8, 7]),
        ("점수: 8 7", [8, 7]),
        ("\n\n  8 7\n어시스턴트 1은 정확합니다. 3 4", [8, 7]),
        ("Assistant 1: 8 / Assistant 2: 7", [8, 7]),
        ("Assistant 1: 8 / Assistant 2: 10", [8, 10]),
        ("**Assistant 1**: 8, **Assistant 2**: 7", [8, 7]),
        ("어시스턴트 1: 8점, 어시스턴트 2: 7점", [8, 7]),
        ("어시스턴트 1은 8점, 어시스턴트 2는 7점입니다.", [8, 7]),
        ("어시스턴트1_점수 8 어시스턴트2_점수 7", [8, 7]),
        ("[어시스턴트 1] 8 [어시스턴트 2] 7", [8, 7]),
        ("어시스턴트 2: 7, 어시스턴트 1: 8", [8, 7]),
        ("<think>3 4\n점수를 생각해 보자.</think>\n\n8 7", [8, 7]),
    ],
)
def test_pairs_are_read(reply: str, expected: list[float]) -> None:
    assert read_rating("pair", reply) == expected


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "\n \n",
        "8",
        "87",
        "8/10",
        "8 / 10",
        "8 7 6",
        "0 7",
        "8 11",
        "-8 7",
        "8 -7",
        "8 100",
        "8.5.5 7",
        "Assistant 1: 8, Assistant 1: 7",
        "죄송하지만 평가할 수 없습니다.",
        "저는 1과 2를 평가할 수 없습니다.",
        "1에서 10까지의 점수를 매기겠습니다.",
        "두 답변을 비교하겠습니다.\n8 7",
        "어시스턴트 1: 8\n어시스턴트 2: 7",
        "10점 만점에 8점, 7점",
        "<think>8 7",
    ],
)
def test_what_is_no_clear_pair_is_not_read(reply: str) -> None:
    assert read_rating("pair", reply) is None


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("1", 1),
        ("0", 0),
        ("1.", 1),
        ("１", 1),
        ("1입니다", 1),
        ("0점입니다.", 0),
        ("**0**", 0),
        ("정답: 1", 1),
        ("답은 0입니다.", 0),
        ("\n1\n뜻이 같습니다.", 1),
        ("<think>\n0일까?\n</think>\n1", 1),
    ],
)
def test_verdicts_are_read(reply: str, expected: float) -> None:
    assert read_rating("verdict", reply) == [expected]


@pytest.mark.parametrize(
    "reply", ["", "10", "2", "-1", "0.5", "1 또는 0", "1 0", "0/1", "같습니다", "1이 아닙니다", "A1"]
)
def test_what_is_no_clear_verdict_is_not_read(reply: str) -> None:
    assert read_rating("verdict", reply) is None


_NUMBERS = st.decimals(min_value=LOWEST, max_value=HIGHEST, places=1).map(lambda number: f"{number.normalize():f}")


@given(_NUMBERS, _NUMBERS, st.sampled_from([" ", ", ", ",", " | ", "점, ", " 그리고 "]), st.text())
def test_any_two_ratings_are_read_whatever_follows(first: str, second: str, between: str, after: str) -> None:
    assert read_rating("pair", f"{first}{between}{second}\n{after.replace('</think>', '')}") == [
        float(first),
        float(second),
    ]


@given(st.text())
def test_what_is_read_from_any_text_is_within_bounds(reply: str) -> None:
    pair, verdict = read_rating("pair", reply), read_rating("verdict", reply)
    assert pair is None or (len(pair) == 2 and all(LOWEST <= value <= HIGHEST for value in pair))
    assert verdict in (None, [0.0], [1.0])


@given(st.lists(st.integers(0, 999), max_size=5).filter(lambda numbers: len(numbers) != 2))
def test_more_or_fewer_than_two_numbers_are_no_pair(numbers: list[int]) -> None:
    assert read_rating("pair", " ".join(map(str, numbers))) is None


@given(st.text(alphabet="0123456789.점,/ 과와:12-", max_size=12))
def test_a_line_of_which_something_is_read_holds_it(line: str) -> None:
    pair = read_rating("pair", line)
    assert pair is None or all(f"{value:g}" in line for value in pair if value == int(value))
