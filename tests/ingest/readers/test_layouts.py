"""Each layout with the traps of the real data set, through its reader and the checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.ingest.checks.check import Sample
from components.ingest.checks.rules import Rules
from tests.ingest.layouts import aihub_79, aihub_81, aihub_144, aihub_71357, aihub_71730, llava, tables
from tests.ingest.layouts.expected import Expected
from tests.ingest.readers.reading import check_whole, faults, read_all
from tests.ingest.samples import source

BUILDERS: dict[str, Callable[[Path], Expected]] = {
    "llava": llava.build,
    "aihub-79": aihub_79.build,
    "aihub-81": aihub_81.build,
    "aihub-144": aihub_144.build,
    "aihub-71357": aihub_71357.build,
    "aihub-71730": aihub_71730.build,
}


@pytest.mark.parametrize("layout", BUILDERS)
def test_layout_is_read_and_its_faults_are_named(layout: str, tmp_path: Path, rules: Rules) -> None:
    expected = BUILDERS[layout](tmp_path / "set")
    outcomes = check_whole(tmp_path / "set", source(layout, noun="음식"), tmp_path / "scratch", rules)
    assert faults(outcomes) == Counter(expected.refused)
    assert sum(isinstance(outcome, Sample) for outcome in outcomes) == expected.kept
    assert len(outcomes) == expected.rows


@pytest.mark.parametrize("form", tables.FORMS)
def test_mapping_reads_every_format(form: str, tmp_path: Path, rules: Rules) -> None:
    expected = tables.build(tmp_path / "set", form)
    paths = tables.NESTED_PATHS if form == "nested json" else tables.PATHS
    declared = source("mapping", mapping=paths)
    outcomes = check_whole(tmp_path / "set", declared, tmp_path / "scratch", rules)
    if form.startswith("csv"):  # which cannot tell nothing from empty text
        expected = Expected(expected.kept, {"image missing": 1, "empty answer": 1})
    assert faults(outcomes) == Counter(expected.refused)
    kept = [outcome for outcome in outcomes if isinstance(outcome, Sample)]
    assert [sample.record.id for sample in kept] == ["r1", "r2"]
    assert kept[1].record.conversation[1].content == '"나"\n입니다.'


@pytest.mark.parametrize("layout", BUILDERS)
def test_same_seed_same_records(layout: str, tmp_path: Path) -> None:
    BUILDERS[layout](tmp_path / "set")
    declared: Any = source(layout, noun="음식")
    first, second = (read_all(tmp_path / "set", declared, tmp_path / scratch) for scratch in ("one", "two"))
    assert first == second
