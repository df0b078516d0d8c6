"""Values of rows that must be of a kind."""

from __future__ import annotations

import math
from typing import Any

from components.ingest.records import BadRow, is_text, nfc


def number(value: Any, reason: str) -> float:
    """A finite number.

    Raises:
        BadRow: with the reason.
    """
    try:
        found = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise BadRow(reason)
    return found


def text(value: Any, reason: str) -> str:
    """Text that says something, trimmed and composed.

    Raises:
        BadRow: with the reason.
    """
    if not is_text(value) or not value.strip():
        raise BadRow(reason)
    return nfc(value).strip()


def text_if_any(value: Any, reason: str) -> str:
    """Text, trimmed and composed; "" for null.

    Raises:
        BadRow: with the reason, if it is something else.
    """
    if value is not None and not is_text(value):
        raise BadRow(reason)
    return nfc(value or "").strip()


def mapping(value: Any, reason: str) -> dict[str, Any]:
    """An object.

    Raises:
        BadRow: with the reason, or with its own if the value is one: it comes in place of a row that could not be read.
    """
    if isinstance(value, BadRow):
        raise value
    if not isinstance(value, dict):
        raise BadRow(reason)
    return value


def only(value: Any) -> Any:
    """What a list of one holds; anything else as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def row_name(value: Any, place: int) -> str:
    """A row's id as text; its running number where it has none."""
    return id_text(value) or f"row-{place}"


def id_text(value: Any) -> str | None:
    """An id as text: ids are numbers here and text there. None if it is neither."""
    if is_text(value) and value:
        return str(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return str(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return None
