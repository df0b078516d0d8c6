"""What is left of an answer before it is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.scoring.parsers.cleaning import final_part


@pytest.mark.parametrize(
    ("response", "left"),
    [
        ("**정답**: `B`", "정답: B"),
        ("<think>A?\n</think>\n\nB", "B"),
        ("생각 끝</think>B", "B"),
        ("B <think>더 보면", "B"),
        ("<THINK>A</THINK>B", "B"),
        ("## 정답\n- B", "정답\nB"),
        ("```json\n{}\n```", "{}"),
        ("$\\boxed{\\text{C}}$", "정답: C}}"),
        ("ⓒ Ｂ 🅰️", "C B A"),
        ("B<|im_end|>", "B"),
        ("B</s>\n\n\n\nC", "B\n\nC"),
        ("~~A~~ B", "B"),
        ("snake_case", "snake_case"),
        ("a \t  b", "a b"),
        ("2 * 3 < 7 > 1", "2 3 < 7 > 1"),
    ],
)
def test_markup_and_thinking_are_taken_off(response: str, left: str) -> None:
    assert final_part(response) == left


@given(st.text())
def test_runs_of_white_space_are_short(text: str) -> None:
    left = final_part(text + " \n\t\n " * 3 + text)
    assert "  " not in left
    assert "\n\n\n" not in left
    assert left == left.strip()
