"""The peers of stage ingest do the same work: they keep the same number of samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.ingest.compare import WAYS, run
from benchmarks.ingest.data import write_set
from benchmarks.ingest.project import make_project

SAMPLES = 420
MISSING, DAMAGED, REPEATED = 1, 1, 2
"""Of 420: the second image is missing, the third cut short, and numbers 203 and 403 repeat number 3."""


@pytest.mark.slow
def test_all_ways_keep_the_same_samples(tmp_path: Path) -> None:
    write_set(tmp_path / "data", SAMPLES, seed=1)
    kept = {}
    for way, command in WAYS.items():
        _, gib, kept[way] = run(command, make_project(tmp_path / "project", tmp_path / "data"))
        assert 0 < gib < 4
    whole = SAMPLES - MISSING - DAMAGED - REPEATED
    # Each process of the WebDataset writer sees the repetitions within its own half alone.
    assert kept == {way: whole + way.startswith("WebDataset") for way in WAYS}
