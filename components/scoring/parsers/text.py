"""Texts in answers."""

from __future__ import annotations

import unicodedata

_QUOTES = "\"'“”‘’`「」『』"


def normalise_text(text: str) -> str:
    """Composed Hangul, single spaces, neither quotes around nor full stops at the end."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    before = None
    while text != before:
        before = text
        text = text.strip(_QUOTES + " ").rstrip(".。 ")
    return text
