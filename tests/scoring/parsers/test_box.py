"""Boxes in answers: one form is read, others are not guessed at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.scoring.parsers.box import Box, parse_box

BOXES: list[tuple[str, Box | None]] = [
    ("[0.10,0.20,0.30,0.40]", (0.1, 0.2, 0.3, 0.4)),
    ("[0.1, 0.2, 0.3, 0.4]입니다", (0.1, 0.2, 0.3, 0.4)),
    ("위치는 [0,0,1,1]", (0, 0, 1, 1)),
    ("[.1,.2,.3,.4]", (0.1, 0.2, 0.3, 0.4)),
    ("[10,20,30,40] 또는 [0.1,0.2,0.3,0.4]", (0.1, 0.2, 0.3, 0.4)),
    ("[0.1,0.2,0.3,0.4] [0.5,0.5,0.6,0.6]", (0.1, 0.2, 0.3, 0.4)),
    ("[ 0.1 ,\n0.2, 0.3,\n0.4 ]", (0.1, 0.2, 0.3, 0.4)),
    ("［０．１，０．２，０．３，０．４］", (0.1, 0.2, 0.3, 0.4)),
    ("", None),
    ("(0.1, 0.2, 0.3, 0.4)", None),
    ("[100,200,300,400]", None),
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


SHARES = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)


@given(SHARES, SHARES, SHARES, SHARES)
def test_a_written_box_is_read_back_if_its_corners_are_in_order(x1: float, y1: float, x2: float, y2: float) -> None:
    box = parse_box(f"위치는 [{x1:.3f},{y1:.3f},{x2:.3f},{y2:.3f}]입니다.")
    assert box == ((x1, y1, x2, y2) if x1 <= x2 and y1 <= y2 else None)


@given(st.text("[]().,-0123456789 가"))
def test_any_text_gives_a_box_inside_the_picture_or_none(text: str) -> None:
    box = parse_box(text)
    assert box is None or (0 <= box[0] <= box[2] <= 1 and 0 <= box[1] <= box[3] <= 1)
