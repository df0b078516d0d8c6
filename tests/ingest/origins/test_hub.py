"""Data sets of the hub, from a service here that speaks as much of the hub's language as the library needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from components.archives.files import open_files
from components.ingest.origins.hub import fetch, parse
from components.ingest.records import SourceError
from components.stages.keys import BadKey
from tests.ingest.origins.service import Answer, Asked, Service, running

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40
FILES = {"README.md": b"# x", "data/train.parquet": b"train" * 50, "data/test.parquet": b"test", "이미지/1.jpg": b"1"}


def _answer(asked: Asked) -> Answer:
    """Data set ``kim/ko`` is open, ``kim/gated`` is gated, and others are not there."""
    name = "/".join(asked.path.removeprefix("/api").split("?")[0].split("/")[2:4])
    if name == "kim/gated":
        return Answer(status=403, headers={"X-Error-Code": "GatedRepo"})
    if name != "kim/ko":
        return Answer(status=404, headers={"X-Error-Code": "RepoNotFound"})
    if OTHER in asked.path:
        return Answer(status=404, headers={"X-Error-Code": "RevisionNotFound"})
    return _of_open_set(asked)


def _of_open_set(asked: Asked) -> Answer:
    json_type = {"Content-Type": "application/json"}
    if asked.path.startswith("/api/datasets/kim/ko/tree/"):
        return Answer(json.dumps([_entry(name) for name in FILES]).encode(), headers=json_type)
    if asked.path.startswith("/api/"):
        return Answer(json.dumps({"id": "kim/ko", "sha": COMMIT, "siblings": []}).encode(), headers=json_type)
    content = next(content for name, content in FILES.items() if asked.path.endswith(_quoted(name)))
    headers = {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
    return Answer(content, headers=headers, ranges=True)


def _entry(name: str) -> dict[str, object]:
    return {"type": "file", "path": name, "size": len(FILES[name]), "oid": hashlib.sha1(FILES[name]).hexdigest()}


def _quoted(name: str) -> str:
    return name.replace("이미지", "%EC%9D%B4%EB%AF%B8%EC%A7%80")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the library's."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    return tmp_path / "cache"


@pytest.fixture
def hub() -> Iterator[Service]:
    """The hub."""
    with running(_answer) as service:
        yield service


def _files(folder: Path, scratch: Path) -> dict[str, bytes]:
    """What readers find in a folder."""
    files = open_files([folder], scratch / "files")
    return {entry.name: files.read(entry) for entry in files.entries()}


def _text(place: str, address: str, folder: Path) -> str:
    with pytest.raises(SourceError) as caught:
        fetch(place, 1, folder, address)
    assert "hf_secret" not in str(caught.value)
    return str(caught.value)


def test_a_data_set_is_fetched_once_with_the_token(hub: Service, tmp_path: Path) -> None:
    folder = fetch(f"kim/ko@{COMMIT}", 1, tmp_path, hub.address)
    assert _files(folder, tmp_path) == FILES
    assert {asked.headers["authorization"] for asked in hub.asked} == {"Bearer hf_secret"}
    got = len(hub.asked)
    assert fetch(f"kim/ko@{COMMIT}", 1, tmp_path, hub.address) == folder
    assert not [asked for asked in hub.asked[got:] if asked.method == "GET" and "/resolve/" in asked.path]


def test_a_pattern_brings_its_files_only_even_if_the_cache_has_all(hub: Service, tmp_path: Path) -> None:
    fetch(f"kim/ko@{COMMIT}", 1, tmp_path, hub.address)
    folder = fetch(f"kim/ko@{COMMIT}/data/*.parquet", 1, tmp_path, hub.address)
    other = fetch(f"kim/ko@{COMMIT}/data/train*", 1, tmp_path, hub.address)
    assert _files(folder, tmp_path).keys() == {"data/train.parquet", "data/test.parquet"}
    assert _files(other, tmp_path) == {"data/train.parquet": FILES["data/train.parquet"]}


def test_a_pattern_that_fits_no_file_is_refused(hub: Service, tmp_path: Path) -> None:
    assert "the data set has no such files" in _text(f"kim/ko@{COMMIT}/nothing/*", hub.address, tmp_path)


def test_what_is_here_in_full_needs_no_hub(hub: Service, tmp_path: Path) -> None:
    folder = fetch(f"kim/ko@{COMMIT}", 1, tmp_path, hub.address)
    assert fetch(f"kim/ko@{COMMIT}", 1, tmp_path, "http://127.0.0.1:9") == folder


@pytest.mark.parametrize("pattern", ["", "/data/*"])
def test_what_is_here_in_part_is_not_taken_for_the_whole(hub: Service, tmp_path: Path, pattern: str) -> None:
    folder = fetch(f"kim/ko@{COMMIT}{pattern}", 1, tmp_path, hub.address)
    (folder / "data/test.parquet").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        assert "is not here in full" in _text(f"kim/ko@{COMMIT}{pattern}", hub.address, tmp_path)
    fetch(f"kim/ko@{COMMIT}{pattern}", 1, tmp_path, hub.address)
    assert (folder / "data/test.parquet").read_bytes() == b"test"


@pytest.mark.parametrize("place", ["kim/ko", "kim/ko@main", "kim/ko@0123456", f"kim/ko@{COMMIT.upper()}"])
def test_without_a_revision_the_origin_to_paste_is_told(hub: Service, tmp_path: Path, place: str) -> None:
    text = _text(place, hub.address, tmp_path)
    assert text.startswith(f"origin 'hub:{place}' in params.yaml has no fixed revision: paste hub:kim/ko@{COMMIT} ")


def test_the_origin_to_paste_keeps_the_pattern(hub: Service, tmp_path: Path) -> None:
    assert f"paste hub:kim/ko@{COMMIT}/data/*.parquet " in _text("kim/ko@main/data/*.parquet", hub.address, tmp_path)


@pytest.mark.parametrize("place", ["kim/none", "kim/gated@main"])
def test_without_a_revision_and_without_an_answer_the_form_is_told(hub: Service, tmp_path: Path, place: str) -> None:
    name = place.partition("@")[0]
    for address in (hub.address, "http://127.0.0.1:9"):
        text = _text(place, address, tmp_path)
        assert f"write hub:{name}@<40 digits of a commit>; they stand at https://huggingface.co/datasets/{name}" in text


@pytest.mark.parametrize("place", ["", "ko", f"ko@{COMMIT}", f"kim/ko/data@{COMMIT}", f"../ko@{COMMIT}", "kim/ko@"])
def test_places_that_name_no_data_set_are_refused(place: str) -> None:
    with pytest.raises(SourceError, match="write hub:<owner>/<name>@<revision>"):
        parse(place)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (
            f"kim/gated@{COMMIT}",
            "accept its conditions: do so at https://huggingface.co/datasets/kim/gated, and set HF_TO",
        ),
        (f"kim/none@{COMMIT}", "knows no such data set, or it is private (set HF_TOKEN then)"),
        (f"kim/ko@{OTHER}", "no such revision: take one from https://huggingface.co/datasets/kim/ko/commits/main"),
    ],
)
def test_refusals_of_the_hub_are_put_in_plain_words(hub: Service, tmp_path: Path, place: str, text: str) -> None:
    assert text in _text(place, hub.address, tmp_path)


def test_a_hub_that_is_away_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The library tries for 20 seconds to reach a hub that does not answer, and then raises what it does here at once.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "the hub cannot be reached" in _text(f"kim/ko@{COMMIT}", "http://127.0.0.1:9", tmp_path)


def test_a_token_that_cannot_be_sent_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_비밀")
    with pytest.raises(BadKey, match="HF_TOKEN holds no key"):
        fetch(f"kim/ko@{COMMIT}", 1, tmp_path, "http://127.0.0.1:9")


def test_a_hub_that_forbids_is_explained(tmp_path: Path) -> None:
    with running(lambda asked: Answer(status=403)) as service:
        assert "the hub answered 403" in _text(f"kim/ko@{COMMIT}", service.address, tmp_path)
