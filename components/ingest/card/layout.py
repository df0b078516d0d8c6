"""Pieces of Markdown in which any text stays what it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_SIGNS = re.compile(r"([\\`*_\[\]<>|#~$&])")
_BLOCKS = "▁▂▃▄▅▆▇█"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines of a table and an empty one; cells that are numbers stand right, None is a dash. Nothing without rows."""
    written = [list(row) for row in rows]
    if not written:
        return
    numbers = [any(isinstance(cell, (int, float)) for cell in column) for column in zip(*written, strict=True)]
    yield _line(heads)
    yield _line(["--:" if number else "---" for number in numbers])
    yield from (_line([_cell(cell) for cell in row]) for row in written)
    yield ""


def plain(text: str) -> str:
    """Text in one line without what Markdown would read as a sign."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """Text in one line as code, for a table's cell."""
    line = " ".join(text.split()).replace("|", "\\|")
    fence = "`" * (_longest_run(line) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"


def block(lines: Sequence[str]) -> Iterator[str]:
    """Lines as they are, between fences that none of them can close."""
    fence = "`" * max(3, 1 + max(map(_longest_run, lines), default=0))
    yield from ("", fence, *lines, fence, "")


def bars(counts: Sequence[int]) -> str:
    """A histogram in one line of text; bins with anything in them are not empty."""
    most = max(counts, default=0)
    return "".join(_BLOCKS[-(-count * (len(_BLOCKS) - 1) // most)] if most else _BLOCKS[0] for count in counts)


def _longest_run(text: str) -> int:
    """Of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)
