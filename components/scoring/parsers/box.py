"""Boxes in answers."""

from __future__ import annotations

import re
import unicodedata

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the picture's width and height."""
_NUMBER = r"\s*(-?\d*\.?\d+)\s*"
_BOX = re.compile(r"\[" + ",".join([_NUMBER] * 4) + r"\]")


def parse_box(response: str) -> Box | None:
    """The first ``[x1,y1,x2,y2]`` of shares between 0 and 1 whose corners are in order.

    Spaces and line breaks between the numbers do not count. The form that the question asks for is the only one: round
    brackets, pixels and other scales (0 to 1000) are no box, since what they are shares of would be a guess.
    """
    for match in _BOX.finditer(unicodedata.normalize("NFKC", response)):
        x1, y1, x2, y2 = (float(number) for number in match.groups())
        if 0 <= x1 <= x2 <= 1 and 0 <= y1 <= y2 <= 1:
            return x1, y1, x2, y2
    return None
