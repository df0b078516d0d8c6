"""Text that was decoded with the wrong encoding somewhere on its way."""

from __future__ import annotations

import re

from ftfy.badness import is_bad

from components.korean.letters import has_hangul

_LOST = re.compile("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""The mark of a byte that could not be decoded, and control characters other than tab and line breaks."""
_HIGH_LATIN = re.compile("[\xa1-\xff]{4,}")
"""Never so many letters with accents in a row in a European word: Korean bytes read as Latin-1."""
_LATIN_SUPPLEMENT = re.compile("[\xa0-\xff]")


def is_garbled(text: str) -> bool:
    """Whether the text shows signs of a wrong encoding."""
    if _LOST.search(text):
        return True
    if text.isascii():
        return False
    return (
        _decodes(text, "cp949", "utf-8")
        or any(_decodes(run, "latin-1", "cp949") for run in _HIGH_LATIN.findall(text))
        or (_LATIN_SUPPLEMENT.search(text) is not None and is_bad(text))
    )


def _decodes(text: str, wrong: str, right: str) -> bool:
    """Whether the text becomes Korean when it is taken for ``right`` read as ``wrong``."""
    try:
        return has_hangul(text.encode(wrong).decode(right))
    except UnicodeError:
        return False
