"""Text in the one form in which it is kept."""

from __future__ import annotations

import unicodedata


def nfc(text: str) -> str:
    """The text with composed Hangul; macOS and some archives hand out decomposed."""
    return unicodedata.normalize("NFC", text)


def is_text(value: object) -> bool:
    """Whether the value is text that can be stored (JSON can hold half characters, UTF-8 cannot)."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)
