"""Pieces of Markdown in which any text stays what it is, and numbers as the report writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_SIGNS = re.compile(r"([\\`*_\[\]<>|#~$&])")
_NUMBER = re.compile(r"[+−<]?[\d,.]+( (\\\[|\(|/ ).*)?")
"""A number alone, with an interval or a remark in brackets, or with others after slashes."""
NOTHING = "–"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a table and an empty one; columns that hold numbers stand right. Nothing without rows.

    Args:
        heads: Markdown, one a column.
        rows: of Markdown cells, each as long as ``heads``.
    """
    written = list(rows)
    if not written:
        return
    columns = zip(heads, *written, strict=True)
    numbers = [all(cell == NOTHING or _NUMBER.fullmatch(cell) for cell in column[1:]) for column in columns]
    yield _line(heads)
    yield _line(["--:" if number else "---" for number in numbers])
    yield from map(_line, written)
    yield ""


def plain(text: str) -> str:
    """Text in one line without what Markdown would read as a sign; a dash for none."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split())) or NOTHING


def number(value: float | None, signed: bool = False) -> str:
    """Three decimals, fewer from 10 on; a dash for None. ``signed``: with + or −."""
    if value is None:
        return NOTHING
    size = abs(value)
    text = f"{size:,.{3 if size < 10 else 2 if size < 100 else 1}f}"
    if not any(digit in text for digit in "123456789"):
        return text
    return ("−" if value < 0 else "+" if signed else "") + text


def bracketed(value: float | None, low: float | None, high: float | None, signed: bool = False) -> str:
    """A number with its interval, if it has one."""
    if value is None or low is None or high is None:
        return number(value, signed)
    return f"{number(value, signed)} \\[{number(low, signed)}, {number(high, signed)}\\]"


def probability(p: float | None) -> str:
    """A p value."""
    if p is None:
        return NOTHING
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def percent(share: float) -> str:
    """As 95 %."""
    return f"{100 * share:.4g} %"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
