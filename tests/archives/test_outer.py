"""What lies in a folder itself: links, odd files, odd names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from components.archives.files import open_files
from components.ingest.records import SourceError
from tests.archives.builders import PHOTO, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "data", {"a/a.jpg": PHOTO})


def refused(folder: Path, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as refusal:
        open_files([folder], folder.parent / "scratch")
    str(refusal.value).encode()


def test_links_may_not_lead_out_of_the_folder(folder: Path) -> None:
    write(folder.parent / "secret", {"b.jpg": PHOTO})
    link = folder / "link.jpg"
    link.symlink_to(folder.parent / "secret/b.jpg")
    refused(folder, r"link\.jpg is a link out of its data set's folder")
    link.unlink()
    (folder / "images").symlink_to(folder.parent / "secret")
    refused(folder, "images is a link out of its data set's folder")


@pytest.mark.parametrize("target", ["nowhere.jpg", "link.jpg"])
def test_links_may_not_lead_nowhere(folder: Path, target: str) -> None:
    (folder / "link.jpg").symlink_to(target)
    refused(folder, r"link\.jpg is a link that leads nowhere")


def test_links_within_the_folder_are_well(folder: Path) -> None:
    (folder / "link.jpg").symlink_to("a/a.jpg")
    (folder / "images").symlink_to("a")
    files = open_files([folder], folder.parent / "scratch")
    assert [entry.name for entry in files.entries()] == ["a/a.jpg", "link.jpg"]
    assert files.read(files.find("link.jpg")) == PHOTO


def test_links_within_the_hubs_cache_are_well(tmp_path: Path) -> None:
    cache = write(tmp_path / "datasets--a--b", {"blobs/123": PHOTO, "snapshots/4f/readme": b""})
    (cache / "snapshots/4f/a.jpg").symlink_to("../../blobs/123")
    files = open_files([cache / "snapshots/4f"], tmp_path / "scratch")
    assert files.read(files.find("a.jpg")) == PHOTO


def test_what_is_no_file_is_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe.jpg")
    refused(folder, r"pipe\.jpg is no file")


def test_a_folder_that_is_not_there_is_refused(folder: Path) -> None:
    refused(folder / "no", "no cannot be read: No such file")


def test_names_that_are_no_text_are_refused(folder: Path) -> None:
    with open(os.fsencode(folder) + "/갈비.jpg".encode("cp949"), "wb"):
        refused(folder, r"data is refused: the name .* is no text")
