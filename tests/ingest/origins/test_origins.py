"""Which kinds of origins there are, and what is said of those that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ingest.origins import check_origins, fetch
from components.ingest.records import SourceError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
RIGHT = [
    "folder:data/x",
    "demo:captions",
    f"hub:kim/ko@{COMMIT}",
    f"hub:kim/ko@{COMMIT}/data/*.parquet",
    "aihub:135",
    "aihub:135/7,8",
    "s3://bucket/prefix",
    "gs://bucket/prefix",
]


def _text(origins: list[str]) -> str:
    with pytest.raises(SourceError) as caught:
        check_origins(origins)
    return str(caught.value)


def test_a_folder_is_given_back(tmp_path: Path) -> None:
    assert fetch(f"folder:{tmp_path}", 1, tmp_path) == tmp_path.resolve()


def test_an_address_is_copied_from_its_store(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/a").write_bytes(b"a")
    folder = fetch(f"file://{tmp_path}/source", 1, tmp_path / "scratch")
    assert folder.is_relative_to(tmp_path / "scratch")
    assert (folder / "a").read_bytes() == b"a"


@pytest.mark.parametrize("origin", ["kaggle:x", "data/x", "", ":x", "nosuch://x/y", "://x", "Folder:x", "folder"])
def test_unknown_kinds_are_refused_with_those_that_are_known(origin: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        fetch(origin, 1, tmp_path)
    text = str(caught.value)
    assert text.startswith(f"origin {origin!r} in params.yaml is unknown: use one of folder:..., demo:..., hub:...")
    assert "aihub:..." in text
    assert "s3://..." in text
    assert _text([origin]) == text


def test_right_origins_pass_without_being_fetched() -> None:
    check_origins(RIGHT)
    check_origins([])


def test_all_faults_are_told_at_once_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    origins = [*RIGHT, "kaggle:x", "hub:kim/ko", "aihub:x", "hub:lee/vqa@main/a/*", "kaggle:x"]
    lines = _text(origins).split("\n")
    assert [line.split("'")[1] for line in lines] == ["kaggle:x", "hub:kim/ko", "aihub:x", "hub:lee/vqa@main/a/*"]
    assert "write hub:kim/ko@<40 digits of a commit>; " in lines[1]
    assert "write hub:lee/vqa@<40 digits of a commit>/a/*; " in lines[3]


@given(st.text().filter(lambda text: not text.startswith("hub:")))
def test_any_text_is_an_origin_or_is_refused(origin: str) -> None:
    try:
        check_origins([origin])
    except SourceError as error:
        assert repr(origin) in str(error)
