"""Data sets that lie here already."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.ingest.origins.folder import fetch
from components.ingest.records import SourceError


def test_a_folder_is_used_where_it_lies(tmp_path: Path) -> None:
    assert fetch(str(tmp_path), 1, tmp_path / "scratch") == tmp_path.resolve()
    assert not (tmp_path / "scratch").exists()


def test_a_single_archive_is_used_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "download.tar").write_bytes(b"x")
    assert fetch(str(tmp_path / "download.tar"), 1, tmp_path) == (tmp_path / "download.tar").resolve()


def test_paths_from_home_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "data").mkdir()
    assert fetch("~/data", 1, tmp_path) == (tmp_path / "data").resolve()


@pytest.mark.parametrize("place", ["", "/no/such/folder"])
def test_what_is_not_there_is_refused(place: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"origin folder:{place} is neither a folder nor a file"):
        fetch(place, 1, tmp_path)
