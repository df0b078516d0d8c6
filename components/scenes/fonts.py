"""The Nanum fonts that draw all Hangul of the demo (four weights, from the package koreanize-matplotlib)."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

from components.stages.errors import Missing

WEIGHTS: tuple[str, ...] = ("NanumGothicLight", "NanumGothic", "NanumGothicBold", "NanumGothicExtraBold")


def font_path(weight: str) -> Path:
    """Where the font file of a weight lies.

    Raises:
        Missing: if koreanize-matplotlib is not installed. (It is found without importing it: the import
            changes matplotlib's global settings.)
    """
    spec = find_spec("koreanize_matplotlib")
    if spec is None or spec.origin is None:
        raise Missing("Nanum fonts not found: pip install koreanize-matplotlib")
    return Path(spec.origin).parent / "fonts" / f"{weight}.ttf"


@lru_cache(maxsize=256)
def load_font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels."""
    return ImageFont.truetype(str(font_path(weight)), size)
