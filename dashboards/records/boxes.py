"""Boxes that are written as text, `[x1,y1,x2,y2]` in fractions of the picture."""

from __future__ import annotations

import re

Box = tuple[float, float, float, float]
_NUMBER = r"\s*(\d*\.?\d+)\s*"
_BOX = re.compile(rf"\[{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}\]")


def parse_box(text: str | None) -> Box | None:
    """The first box in a text; None where there is none, or where it is no box inside the picture."""
    found = _BOX.search(text or "")
    if found is None:
        return None
    left, top, right, bottom = (float(number) for number in found.groups())
    inside = 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    return (left, top, right, bottom) if inside else None
