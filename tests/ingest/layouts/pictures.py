"""Pictures with Korean writing, in the formats that data sets hold."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import koreanize_matplotlib
from PIL import Image, ImageDraw, ImageFont

_FONT = Path(koreanize_matplotlib.__file__).parent / "fonts" / "NanumGothic.ttf"
WIDTH, HEIGHT = 160, 120


@cache
def sign(text: str, image_format: str = "JPEG") -> bytes:
    """A board of 160 x 120 pixels with text on it."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), (250, 244, 220))
    ImageDraw.Draw(picture).text((10, 40), text, (20, 20, 90), ImageFont.truetype(_FONT, 24))
    stream = io.BytesIO()
    picture.save(stream, image_format)
    return stream.getvalue()
