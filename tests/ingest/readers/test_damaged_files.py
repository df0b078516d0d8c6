"""However files are damaged: they are read, or named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.ingest.records import SourceError
from tests.ingest.layouts import tables
from tests.ingest.readers.damage import damaged_bytes
from tests.ingest.readers.sets import SETS, RowSet, outcomes
from tests.ingest.samples import source

TABLES = {
    form: RowSet(source("mapping", mapping=tables.PATHS), tables.rows(), tables.FORMS[form](tables.rows())[0], list)
    for form in ("json lines", "csv", "parquet", "parquet with images")
}


@pytest.mark.parametrize("layout", SETS.values(), ids=SETS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_damaged_files_are_read_or_named(layout: RowSet, data: st.DataObject) -> None:
    whole = json.dumps(layout.pack(layout.rows), ensure_ascii=False).encode()
    try:
        outcomes(layout, data.draw(damaged_bytes(whole)))
    except SourceError as error:
        assert layout.file in str(error)


@pytest.mark.parametrize("form", TABLES)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_damaged_tables_are_read_or_named(form: str, data: st.DataObject) -> None:
    _, whole = tables.FORMS[form](tables.rows())
    try:
        outcomes(TABLES[form], data.draw(damaged_bytes(whole)))
    except SourceError as error:
        assert TABLES[form].file in str(error)
