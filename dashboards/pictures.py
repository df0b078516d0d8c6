"""Pictures of items: enlarged, as they are small, with boxes drawn on them."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, UnidentifiedImageError

from dashboards.records.boxes import Box

WIDTH = 480
# The reference lies under the answers and must show beside them where they agree.
WIDEST_LINE = 8
LINE_STEP = 3


def open_picture(data: bytes) -> Image.Image | None:
    """The decoded picture, or None where the bytes are no picture."""
    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except (UnidentifiedImageError, OSError):
        return None


def enlarge(picture: Image.Image, width: int = WIDTH) -> Image.Image:
    """A small picture at a readable width; a large one as it is."""
    if picture.width >= width:
        return picture
    return picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)


def draw_boxes(picture: Image.Image, boxes: list[tuple[Box, str]]) -> Image.Image:
    """The picture with each box in its colour, each thinner than the one before, so that equal boxes all show."""
    drawn = picture.copy()
    pen = ImageDraw.Draw(drawn)
    for rank, ((left, top, right, bottom), colour) in enumerate(boxes):
        corners = (left * drawn.width, top * drawn.height, right * drawn.width, bottom * drawn.height)
        pen.rectangle(corners, outline=colour, width=max(2, WIDEST_LINE - LINE_STEP * rank))
    return drawn
