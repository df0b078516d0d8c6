"""Copies from stores: S3 as moto serves it, and fsspec's own in memory and on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from components.ingest.origins.store import Manifest, Progress, Stored, fetch
from components.ingest.records import SourceError
from tests.ingest.origins.service import Answer, Asked, running

FILES = {"a.zip": b"a" * 1000, "이미지/사진 1.jpg": b"b", "x/y/z.json": b"{}"}
PAUSE_S = 0.001


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a store that speaks S3."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client, with a bucket that holds the files and one beside them."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="data")
    for name, content in FILES.items():
        client.put_object(Bucket="data", Key=f"set/{name}", Body=content)
    client.put_object(Bucket="data", Key="set/folder/", Body=b"")
    client.put_object(Bucket="data", Key="settings.json", Body=b"other")
    yield client
    for found in client.list_objects_v2(Bucket="data")["Contents"]:
        client.delete_object(Bucket="data", Key=found["Key"])


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _times(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("address", ["s3://data/set", "s3://data/set/"])
def test_a_prefix_is_copied_whole(s3: Any, tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _files(fetch(address, 1, tmp_path, PAUSE_S)) == FILES
    assert f"{address}: 1,003 of 1,003 bytes (100 %)" in capsys.readouterr().out


def test_a_single_object_is_copied(s3: Any, tmp_path: Path) -> None:
    assert _files(fetch("s3://data/set/a.zip", 1, tmp_path, PAUSE_S)) == {"a.zip": FILES["a.zip"]}


def test_only_what_changed_is_copied_again(s3: Any, tmp_path: Path) -> None:
    folder = fetch("s3://data/set", 1, tmp_path, PAUSE_S)
    before = _times(folder)
    s3.put_object(Bucket="data", Key="set/a.zip", Body=b"c" * 1000)
    s3.put_object(Bucket="data", Key="set/new", Body=b"new")
    s3.delete_object(Bucket="data", Key="set/x/y/z.json")
    assert fetch("s3://data/set", 1, tmp_path, PAUSE_S) == folder
    assert _files(folder) == {"a.zip": b"c" * 1000, "new": b"new", "이미지/사진 1.jpg": b"b"}
    assert _times(folder)["이미지/사진 1.jpg"] == before["이미지/사진 1.jpg"]


def test_a_run_that_was_killed_goes_on_with_the_files_that_are_left(s3: Any, tmp_path: Path) -> None:
    folder = fetch("s3://data/set", 1, tmp_path, PAUSE_S)
    before = _times(folder)
    (note,) = tmp_path.glob("*.jsonl")
    lines = note.read_text(encoding="utf-8").splitlines(keepends=True)
    note.write_text("".join(lines[:2]) + lines[2][:10], encoding="utf-8")
    (folder / "x/y/.z.part").write_bytes(b"half")
    (folder / "이미지/사진 1.jpg").write_bytes(b"shortened or grown")
    assert _files(fetch("s3://data/set", 1, tmp_path, PAUSE_S)) == FILES
    assert _times(folder)["a.zip"] == before["a.zip"]
    assert len(note.read_text(encoding="utf-8").splitlines()) == 3


def test_addresses_have_folders_apart(s3: Any, tmp_path: Path) -> None:
    assert fetch("s3://data/set/x", 1, tmp_path, PAUSE_S) != fetch("s3://data/set", 1, tmp_path, PAUSE_S)


@pytest.mark.parametrize("address", ["s3://data/nothing", "s3://data/se", "s3://no-bucket/set", "memory://nothing"])
def test_what_holds_nothing_is_refused(s3: Any, tmp_path: Path, address: str) -> None:
    with pytest.raises(SourceError, match=f"^{address} holds no files"):
        fetch(address, 1, tmp_path, PAUSE_S)


def test_a_store_that_is_away_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(SourceError, match=r"^s3://data/set cannot be listed.*AWS_ENDPOINT_URL"):
        fetch("s3://data/set", 1, tmp_path, PAUSE_S)


def test_names_that_lead_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    store = fsspec.filesystem("memory")
    store.store["/evil/../../out"] = store.open("/evil/x", "wb")
    store.pseudo_dirs.append("/evil")
    try:
        with pytest.raises(SourceError, match="a file whose name no folder can hold"):
            fetch("memory://evil", 1, tmp_path / "scratch", PAUSE_S)
    finally:
        store.store.clear()
        store.pseudo_dirs[:] = [""]
    assert not list(tmp_path.rglob("*"))


def test_files_on_disk_are_copied_by_their_address(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name, content in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    assert _files(fetch(f"file://{source}", 1, tmp_path / "scratch", PAUSE_S)) == FILES


def test_a_broken_transfer_is_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = bytes(range(256)) * 400
    cuts = [1000, 0]

    def answer(asked: Asked) -> Answer:
        cut = cuts.pop() if asked.method == "GET" and "range" not in asked.headers and cuts else None
        return Answer(body, cut=cut, headers={"ETag": '"1"', "Accept-Ranges": "bytes"}, ranges=True)

    with running(answer) as service:
        folder = fetch(f"{service.address}/set/a.zip", 1, tmp_path, PAUSE_S)
    assert not cuts
    assert _files(folder) == {"a.zip": body}
    assert capsys.readouterr().out.endswith("a.zip: 102,400 of 102,400 bytes (100 %)\n")


def test_a_file_that_does_not_have_its_listed_size_is_not_taken(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        size = 1000 if asked.method == "HEAD" else 900
        return Answer(b"x" * size, headers={"ETag": '"1"'})

    with running(answer) as service, pytest.raises(SourceError, match="900 bytes came, and 1,000 were listed"):
        fetch(f"{service.address}/set/a.zip", 1, tmp_path, PAUSE_S)


def test_a_transfer_that_breaks_for_ever_says_what_to_do(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(b"x" * 1000, cut=10, headers={"ETag": '"1"'})

    with running(answer) as service:
        address = f"{service.address}/set/a.zip"
        with pytest.raises(SourceError, match=r"a\.zip could not be copied: .*Run the stage again: it goes on"):
            fetch(address, 1, tmp_path, PAUSE_S)
    assert not _files(next(tmp_path.glob("store-*[!l]")))


def test_files_that_were_done_when_another_failed_are_kept(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="data", Key="set/a.zip/b", Body=b"no folder holds both")
    with pytest.raises(SourceError, match=r"a\.zip(/b)? could not be copied"):
        fetch("s3://data/set", 1, tmp_path, PAUSE_S)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    before = _times(folder)
    s3.delete_object(Bucket="data", Key="set/a.zip/b")
    assert _files(fetch("s3://data/set", 1, tmp_path, PAUSE_S)) == FILES
    assert _times(folder)["x/y/z.json"] == before["x/y/z.json"]


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(SourceError, match="cannot be saved in"):
        fetch(f"file://{tmp_path / 'file'}", 1, tmp_path / "file", PAUSE_S)


NOTES = st.lists(
    st.builds(Stored, st.text(), st.none() | st.integers(min_value=0), st.text()), unique_by=lambda stored: stored.name
)


@given(notes=NOTES, cut=st.integers(min_value=0))
def test_a_manifest_that_was_cut_knows_only_what_it_was_told(
    tmp_path_factory: pytest.TempPathFactory, notes: list[Stored], cut: int
) -> None:
    file = tmp_path_factory.mktemp("manifest") / "x.jsonl"
    manifest = Manifest(file)
    manifest.replace(notes[:1])
    manifest.add(notes[1:])
    told = {stored.name: stored for stored in notes}
    assert manifest.read() == told
    file.write_bytes(file.read_bytes()[:cut])
    left = manifest.read()
    assert left.items() <= told.items()
    assert list(left) == list(told)[: len(left)]


def test_progress_is_told_every_twentieth(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("x", 1000)
    for _ in range(1000):
        progress.add(1)
    assert len(capsys.readouterr().out.splitlines()) == 20


def test_progress_does_not_tell_twice_what_came_in_vain(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("x", 1000)
    for size in (500, -500, 500, 500):
        progress.add(size)
    told = capsys.readouterr().out.splitlines()
    assert told == ["ingest: x: 500 of 1,000 bytes (50 %)", "ingest: x: 1,000 of 1,000 bytes (100 %)"]
