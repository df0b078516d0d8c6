"""Letters of Korean text."""

from __future__ import annotations

import re

_HANGUL = re.compile("[가-힣]")


def has_hangul(text: str) -> bool:
    """Whether the text has a composed syllable."""
    return _HANGUL.search(text) is not None
