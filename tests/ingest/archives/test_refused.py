"""Archives that must not be read are refused by name, and nothing is written but to scratch."""

from __future__ import annotations

import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.ingest.archives.files import FileProblem, open_files
from components.ingest.records import SourceError
from tests.ingest.archives.builders import (
    PHOTO,
    bomb,
    linked_tar,
    linked_zip,
    one_member,
    parts_of,
    tar_of,
    write,
    zip_of,
)

ALPHA = zip_of({"first.jpg": PHOTO, "second.jpg": PHOTO})


def overlapping() -> bytes:
    """Two entries of the central directory that point to the same data, as in bombs without nesting (Fifield 2019)."""
    return ALPHA.replace(
        struct.pack("<I", len(PHOTO) + 30 + len("first.jpg")) + b"second.jpg", bytes(4) + b"second.jpg"
    )


REFUSED = {
    "up.zip": (zip_of({"../up.jpg": PHOTO}), "leads out of the archive's folder"),
    "deep.zip": (zip_of({"a/../../up.jpg": PHOTO}), "leads out of the archive's folder"),
    "backslash.zip": (zip_of({"..\\up.jpg": PHOTO}), "leads out of the archive's folder"),
    "root.zip": (zip_of({"/etc/up.jpg": PHOTO}), "is an absolute name"),
    "drive.zip": (zip_of({"C:/up.jpg": PHOTO}), "is an absolute name"),
    "link.zip": (linked_zip("/etc/passwd"), "is a link or a device"),
    "up.tar": (tar_of({"../up.jpg": PHOTO}), "leads out of the archive's folder"),
    "root.tar": (tar_of({"/etc/up.jpg": PHOTO}), "is an absolute name"),
    "symbolic.tar": (linked_tar(tarfile.SYMTYPE, "/etc/passwd"), "is a link or a device"),
    "hard.tar": (linked_tar(tarfile.LNKTYPE, "/etc/passwd"), "is a link or a device"),
    "device.tar": (linked_tar(tarfile.CHRTYPE, ""), "is a link or a device"),
    "pipe.tar": (linked_tar(tarfile.FIFOTYPE, ""), "is a link or a device"),
    "cut.zip": (ALPHA[:-40], "is not a whole zip archive"),
    "empty.zip": (b"", "is not a whole zip archive"),
    "cut.tar": (tar_of({"a.jpg": PHOTO})[:2000], "is not a whole tar archive"),
    "cut.tar.gz": (tar_of({"a.jpg": PHOTO}, "w:gz")[:-30], "is not a whole gzipped tar archive"),
    "overlapping.zip": (overlapping(), "is refused as a bomb"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(tmp_path: Path, name: str) -> None:
    data, reason = REFUSED[name]
    folder = write(tmp_path / "data", {f"sub/{name}": data, "good.zip": ALPHA})
    before = sorted(path for path in tmp_path.rglob("*"))
    with pytest.raises(SourceError, match=reason) as refusal:
        open_files([folder], tmp_path / "scratch")
    assert name.removesuffix(".gz") in str(refusal.value)
    assert sorted(path for path in tmp_path.rglob("*")) == sorted([*before, tmp_path / "scratch"])


def test_ten_gigabytes_of_nothing_are_refused(tmp_path: Path) -> None:
    data = bomb(100 * 100 * 1024**2)
    assert len(data) < 12_000_000
    with pytest.raises(
        SourceError, match=r"bomb\.zip is refused as a bomb: 'zeros.jpg' unpacks from .* 10,485,760,000"
    ):
        open_files([write(tmp_path / "data", {"bomb.zip": data})], tmp_path / "scratch")


def test_a_bomb_of_many_small_members_is_refused(tmp_path: Path) -> None:
    data = zip_of({f"{number}.jpg": bytes(60 * 1024**2) for number in range(18)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(SourceError, match=r"many\.zip is refused as a bomb: it unpacks from"):
        open_files([write(tmp_path / "data", {"many.zip": data})], tmp_path / "scratch")


def test_sizes_that_lie_cost_the_member_alone(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(50_000_000)) + packer.flush()
    write(tmp_path / "data", {"lie.zip": one_member(b"lie.jpg", packed, 1000), "good.zip": ALPHA})
    files = open_files([tmp_path / "data"], tmp_path / "scratch")
    with pytest.raises(FileProblem, match=r"file unreadable: lie\.jpg, it holds more than the 1,000 bytes"):
        files.read(files.find("lie.jpg"))
    assert files.read(files.find("first.jpg")) == PHOTO


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zip_of({"a.jpg": PHOTO}).replace(PHOTO, PHOTO[::-1]), "its checksum is wrong"),
        (zip_of({"a.jpg": PHOTO}, zipfile.ZIP_LZMA), "compressed in the unknown way 14"),
    ],
)
def test_a_damaged_member_is_told_when_it_is_read(tmp_path: Path, data: bytes, reason: str) -> None:
    files = open_files([write(tmp_path / "data", {"a.zip": data})], tmp_path / "scratch")
    with pytest.raises(FileProblem, match=reason):
        files.read(files.find("a.jpg"))


def test_links_may_not_lead_out_of_the_folder_but_within_the_hubs_cache(tmp_path: Path) -> None:
    write(tmp_path / "data", {"a.jpg": PHOTO})
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(PHOTO)
    (tmp_path / "data/link.jpg").symlink_to(secret)
    with pytest.raises(SourceError, match=r"link\.jpg is a link out of its data set's folder"):
        open_files([tmp_path / "data"], tmp_path / "scratch")
    cache = write(tmp_path / "datasets--a--b", {"blobs/123": PHOTO, "snapshots/4f/readme": b""})
    (cache / "snapshots/4f/a.jpg").symlink_to("../../blobs/123")
    files = open_files([cache / "snapshots/4f"], tmp_path / "scratch")
    assert files.read(files.find("a.jpg")) == PHOTO


WHOLE = {f"{number}.jpg": PHOTO[number:] for number in range(4)}
ARCHIVES = {
    "a.zip": {"a.zip": zip_of(WHOLE, zipfile.ZIP_DEFLATED)},
    "a.tar": {"a.tar": tar_of(WHOLE)},
    "parts": parts_of("a.zip", zip_of(WHOLE), 3),
    "download.tar": {"download.tar": tar_of(parts_of("a.zip", zip_of(WHOLE), 3))},
}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(ARCHIVES)),
    place=st.floats(0, 1),
    damage=st.sampled_from(["flip", "cut", "insert"]),
    content=st.binary(min_size=1, max_size=12),
    number=st.integers(0, 2),
)
def test_damage_is_an_error_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, kind: str, place: float, damage: str, content: bytes, number: int
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    files = dict(ARCHIVES[kind])
    name = sorted(files)[number % len(files)]
    data = files[name]
    spot = int(place * len(data))
    ending = {"flip": data[spot + len(content) :], "cut": b"", "insert": data[spot:]}[damage]
    files[name] = data[:spot] + (b"" if damage == "cut" else content) + ending
    write(folder / "data", files)
    try:
        opened = open_files([folder / "data"], folder / "scratch")
    except SourceError:
        return
    for entry in opened.entries(".jpg"):
        try:
            found = opened.read(entry)
        except FileProblem:
            continue
        # Tar archives have no checksum over their members' bytes.
        assert "tar" in kind or entry.name not in WHOLE or found == WHOLE[entry.name]
