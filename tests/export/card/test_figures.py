"""Figures of any shape as Markdown."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.export.card.figures import figures
from tests.export.card.bundles import QUALITY, SPEED


def written(values: dict[str, Any]) -> str:
    """As it stands in a card."""
    return "\n".join(figures(values))


def test_equal_mappings_are_one_table() -> None:
    text = written(QUALITY["divergence"])  # type: ignore[arg-type]
    assert text.splitlines() == [
        "|  | kl\\_mean | top1 |",
        "| --- | --: | --: |",
        "| vision | 0.012 | 0.990 |",
        "| language | 0.046 | 0.970 |",
    ]


def test_rows_are_a_table_without_a_heading() -> None:
    text = written(SPEED)
    assert "| name | with\\_image | first\\_token\\_ms |" in text
    assert "| int8 | true | 12.50 |" in text
    assert "# rows" not in text


def test_other_lists_have_a_heading() -> None:
    text = written(QUALITY)
    assert "#### scores" in text
    assert "| k-bench\\|x | 0.500 | 0.490 | −0.010 | – |" in text


def test_rows_with_other_keys_leave_cells_empty() -> None:
    assert "| a | – |" in written({"rows": [{"name": "a"}, {"name": "b", "ms": 1.0}]})


def test_nothing_is_nothing() -> None:
    assert written({}) == ""


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=6), _VALUES, max_size=4))
def test_whatever_json_holds_is_whole_tables(values: dict[str, Any]) -> None:
    width = 0
    for line in written(values).splitlines():
        if not line.startswith("|"):
            assert line == "" or line.startswith("####")
            width = 0
            continue
        cells = line.replace("\\|", "").count("|")
        assert width in (0, cells)
        width = cells
