"""A bundle's figures as tables, whatever they are: what was measured decides, not the card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.evaluate.comparison.report.layout import NOTHING, number, plain, table

_DEEPEST = 6
"""Of Markdown's headings."""
_UNNAMED = "rows"
"""A list under this key is what its mapping is about."""


def figures(values: Mapping[str, Any], level: int = 4) -> Iterator[str]:
    """Lines of Markdown: single values in one table, equal mappings in one, lists of mappings in one each.

    Args:
        values: what JSON can hold.
        level: of the headings above inner tables.
    """
    single = {key: value for key, value in values.items() if not _is_inner(value)}
    yield from table(["", ""], [[plain(key), _cell(value)] for key, value in single.items()])
    inner = {key: value for key, value in values.items() if _is_inner(value)}
    if inner and all(_is_flat(value) for value in inner.values()):
        yield from _rows([{"": key, **value} for key, value in inner.items()])
        return
    for key, value in inner.items():
        if key != _UNNAMED:
            yield from (f"{'#' * min(level, _DEEPEST)} {plain(key)}", "")
        if isinstance(value, Mapping):
            yield from figures(value, level + 1)
        else:
            yield from _rows(value)


def _is_inner(value: object) -> bool:
    """Whether a value wants a table of its own."""
    if isinstance(value, Mapping):
        return bool(value)
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _is_flat(value: object) -> bool:
    return isinstance(value, Mapping) and not any(map(_is_inner, value.values()))


def _rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    heads = list(dict.fromkeys(key for row in rows for key in row))
    yield from table([plain(key) if key else "" for key in heads], [[_cell(row.get(k)) for k in heads] for row in rows])


def _cell(value: object) -> str:
    if value is None or value in ({}, []):
        return NOTHING
    if isinstance(value, bool):
        return plain(str(value).lower())
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return " / ".join(map(_cell, value))
    return plain(str(value))
