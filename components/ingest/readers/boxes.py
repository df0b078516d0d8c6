"""Boxes as shares of their image, and as the text that stands for them in conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from components.ingest.readers.fields import number
from components.ingest.records import BadRow


@dataclass(frozen=True)
class Box:
    """Corners as shares of width and height, cut at the image's edges."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def has_area(self) -> bool:
        """Whether it still is a box when it is written with two decimals."""
        return round(self.x1, 2) < round(self.x2, 2) and round(self.y1, 2) < round(self.y2, 2)

    def __str__(self) -> str:
        return f"[{self.x1:.2f},{self.y1:.2f},{self.x2:.2f},{self.y2:.2f}]"


@dataclass(frozen=True)
class Frame:
    """An image's width and height in pixels."""

    width: float
    height: float

    def box(self, x1: float, y1: float, x2: float, y2: float) -> Box:
        """Corners in pixels, in any order, to a box."""
        left, right = sorted((x1 / self.width, x2 / self.width))
        top, bottom = sorted((y1 / self.height, y2 / self.height))
        return Box(*(min(max(edge, 0.0), 1.0) for edge in (left, top, right, bottom)))


def frame(width: Any, height: Any) -> Frame:
    """The size of an image.

    Raises:
        BadRow: if it is none.
    """
    found = Frame(number(width, "image without width"), number(height, "image without height"))
    if found.width <= 0 or found.height <= 0:
        raise BadRow(f"image without size: {found.width:g} x {found.height:g}")
    return found


def four_numbers(value: Any, reason: str) -> tuple[float, float, float, float]:
    """A list of four numbers.

    Raises:
        BadRow: with the reason.
    """
    if not isinstance(value, list) or len(value) != 4:
        raise BadRow(reason)
    a, b, c, d = (number(part, reason) for part in value)
    return a, b, c, d


def around(points: Any, size: Frame, reason: str) -> Box:
    """The box around points ``[x, y]`` or ``{x, y}`` in pixels.

    Raises:
        BadRow: with the reason, if there are not at least two.
    """
    if not isinstance(points, list) or len(points) < 2:
        raise BadRow(reason)
    pairs = [_point(point, reason) for point in points]
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    return size.box(min(xs), min(ys), max(xs), max(ys))


def _point(point: Any, reason: str) -> Sequence[float]:
    if isinstance(point, dict):
        point = [point.get("x"), point.get("y")]
    if not isinstance(point, list) or len(point) != 2:
        raise BadRow(reason)
    return number(point[0], reason), number(point[1], reason)
