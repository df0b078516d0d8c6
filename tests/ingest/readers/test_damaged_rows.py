"""However rows are damaged: no crash, and nothing that vanishes without a reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.ingest.records import Record
from tests.ingest.readers.damage import damaged
from tests.ingest.readers.sets import SETS, RowSet, outcomes

ONE_ROW_EACH = ["llava", "aihub-71730", "aihub-71357", "mapping"]


def packed(layout: RowSet, rows: Sequence[Any]) -> bytes:
    return json.dumps(layout.pack(list(rows))).encode()


@pytest.mark.parametrize("layout", [SETS[name] for name in ONE_ROW_EACH], ids=ONE_ROW_EACH)
@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_every_damaged_row_is_a_record_or_a_reason(layout: RowSet, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.sampled_from(layout.rows).flatmap(damaged), max_size=4))
    assert len(outcomes(layout, packed(layout, rows))) == len(rows)


@settings(max_examples=250, deadline=None)
@given(row=damaged(SETS["aihub-144"].rows[0]))
def test_every_damaged_label_is_a_record_or_a_reason(row: Any) -> None:
    assert len(outcomes(SETS["aihub-144"], json.dumps(row).encode())) == 1


@settings(max_examples=250, deadline=None)
@given(rows=st.lists(st.sampled_from(SETS["aihub-81 images"].rows).flatmap(damaged), max_size=4))
def test_every_damaged_image_of_81_is_a_record_or_a_reason(rows: list[Any]) -> None:
    has_first = any(isinstance(row, dict) and row.get("id") in ("1", 1) and row["id"] is not True for row in rows)
    stray = 0 if has_first else 1
    assert len(outcomes(SETS["aihub-81 images"], packed(SETS["aihub-81 images"], rows))) == len(rows) + stray


@settings(max_examples=250, deadline=None)
@given(rows=st.lists(damaged(SETS["aihub-81 annotations"].rows[0]), max_size=4))
def test_annotations_of_81_belong_to_an_image_or_are_refused(rows: list[Any]) -> None:
    entries = outcomes(SETS["aihub-81 annotations"], packed(SETS["aihub-81 annotations"], rows))
    ids = [row.get("image_id") if isinstance(row, dict) else None for row in rows]
    usable = [
        isinstance(given, int) or (isinstance(given, str) and "\ud800" not in given and "\udfff" not in given)
        for given in ids
    ]
    stray = {str(given) for given, use in zip(ids, usable, strict=True) if use} - {"1"}
    assert len(entries) == 1 + usable.count(False) + len(stray)


def test_undamaged_rows_are_records() -> None:
    """Else the tests above would test nothing."""
    for name, layout in SETS.items():
        entries = outcomes(layout, packed(layout, layout.rows[:1]))
        assert [type(entry) for entry in entries] == [Record], name
