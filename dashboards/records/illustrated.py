"""Texts in Markdown that a stage wrote with pictures beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator


def text_and_pictures(markdown: str, folder: str, pictures: str) -> Iterator[tuple[str, str | None]]:
    """The text as written, cut up at its pictures: a text, and the path of the picture after it.

    Args:
        markdown: the text.
        folder: where it lies in its run; the pictures' names are relative to it.
        pictures: pattern of the names that the stage gives; whatever else is linked stays text.
    """
    parts = re.compile(rf"^!\[[^\]]*\]\(({pictures})\)$", re.MULTILINE).split(markdown)
    for text, picture in zip(parts[::2], [*parts[1::2], None], strict=True):
        yield text, f"{folder}/{picture}" if picture else None
