"""Pictures of items: enlarged, as they are small, with boxes drawn on them."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, UnidentifiedImageError

from dashboards.records.boxes import Box

WIDTH = 480
LINE = 5


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
    """The picture with each box in its colour.

    The first is drawn around its edge, the others inside theirs and each thinner, so equal ones all show.
    """
    drawn = picture.copy()
    pen = ImageDraw.Draw(drawn)
    for rank, ((left, top, right, bottom), colour) in enumerate(boxes):
        grown = LINE if rank == 0 else 0
        corners = (
            left * drawn.width - grown,
            top * drawn.height - grown,
            right * drawn.width + grown,
            bottom * drawn.height + grown,
        )
        pen.rectangle(corners, outline=colour, width=max(2, LINE + 2 - 2 * rank))
    return drawn
