"""Archives that must not be read are refused by name, and nothing is written but to scratch."""

from __future__ import annotations

import dataclasses
import gzip
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.archives.files import FileProblem, open_files
from components.ingest.records import SourceError
from tests.archives.builders import (
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


TAR = tar_of({"first.jpg": PHOTO, "second.jpg": PHOTO})
ZEROS = zip_of({"a.jpg": bytes(9000)}, zipfile.ZIP_DEFLATED)
SECOND = TAR.index(b"second.jpg")
"""Where the second member's header begins."""


def hiding() -> bytes:
    """A zip archive whose first entry claims the others as its comment, so that the library does not see them."""
    entry = ALPHA.index(b"PK\x01\x02")
    return ALPHA[: entry + 32] + b"\xff\xff" + ALPHA[entry + 34 :]


def far_member() -> bytes:
    """A zip archive whose member claims to be longer than the archive."""
    true, false = (struct.pack("<QQ", size, size) for size in (10, 500 * 1024**2))
    return one_member(b"a.jpg", bytes(10), 10).replace(true, false)


def with_size(header: bytes, size: int) -> bytes:
    """A tar header that claims a size."""
    field = b"\x80" + size.to_bytes(11, "big") if size >= 0 else (256**12 + size).to_bytes(12, "big")
    bare = header[:124] + field + header[136:148] + b" " * 8 + header[156:512]
    return bare[:148] + b"%06o\0 " % sum(bare) + bare[156:]


def pax_header() -> bytes:
    """Of tar archives; its content follows."""
    info = tarfile.TarInfo("x")
    info.type = tarfile.XHDTYPE
    return info.tobuf(tarfile.USTAR_FORMAT)


def deep(times: int) -> bytes:
    """A tar archive in a tar archive in ..."""
    data = tar_of({"a.jpg": PHOTO})
    for _ in range(times):
        data = tar_of({"a.tar": data})
    return data


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
    "far.zip": (far_member(), "is not a whole zip archive"),
    "hiding.zip": (hiding(), "is not a whole zip archive"),
    "hiding-all.zip": (ALPHA + zip_of({}), "is not a whole zip archive"),
    "nameless.zip": (zip_of({"./": b"", ".": PHOTO}), "names no file"),
    "empty-name.zip": (one_member(b"", b"", 0), "names no file"),
    "folder.zip": (zip_of({"a/": PHOTO}), "is a folder that holds bytes"),
    "zero.zip": (zip_of({"a0b.jpg": PHOTO}).replace(b"a0b.jpg", b"a\0b.jpg"), "is no text"),
    "header.tar": (TAR[:SECOND] + b"S" + TAR[SECOND + 1 :], "is not a whole tar archive"),
    "between.tar": (TAR[:SECOND], "It has no mark at its end"),
    "two.tar": (TAR + TAR, "goes on behind its end"),
    "back.tar": (TAR[:SECOND] + with_size(TAR[SECOND:], -(SECOND + 512)) + bytes(1024), "is not a whole tar"),
    "long.tar": (with_size(pax_header(), 2**44) + TAR, "is not a whole tar"),
    "chain.tar": (with_size(pax_header(), 0) * 2000 + TAR, "is not a whole tar"),
    "deep.tar": (deep(4), "lies in more than 3 archives"),
    "twice.tar": (tar_of({"a.zip.part0": ALPHA, "a.zip.part00": ALPHA}), "has two parts 0"),
    "begun.tar": (tar_of(dict(list(parts_of("a.zip", ALPHA, 4).items())[1:])), "is not a whole zip archive"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(tmp_path: Path, name: str) -> None:
    data, reason = REFUSED[name]
    folder = write(tmp_path / "data", {f"sub/{name}": data, "good.zip": ALPHA})
    before = sorted(path for path in tmp_path.rglob("*"))
    with pytest.raises(SourceError, match=reason) as refusal:
        open_files([folder], tmp_path / "scratch")
    assert name in str(refusal.value)
    assert sorted(path for path in tmp_path.rglob("*")) == sorted([*before, tmp_path / "scratch"])


def test_ten_gigabytes_of_nothing_are_refused(tmp_path: Path) -> None:
    data = bomb(100 * 100 * 1024**2)
    assert len(data) < 12_000_000
    with pytest.raises(
        SourceError, match=r"bomb\.zip is refused as a bomb: 'zeros.jpg' unpacks from .* 10,485,760,000"
    ):
        open_files([write(tmp_path / "data", {"bomb.zip": data})], tmp_path / "scratch")


def test_a_gzipped_bomb_is_refused_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    data = gzip.compress(bytes(100 * 1024**2)) * 11
    with pytest.raises(SourceError, match=r"b\.tar\.gz is refused as a bomb: it unpacks to more than 1,073,741,824"):
        open_files([write(tmp_path / "data", {"b.tar.gz": data})], tmp_path / "scratch")
    assert not list((tmp_path / "scratch").iterdir())


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


def test_a_size_beyond_all_memory_costs_the_member_alone(tmp_path: Path) -> None:
    files = open_files([write(tmp_path / "data", {"a.zip": ALPHA})], tmp_path / "scratch")
    with pytest.raises(FileProblem, match=r"file unreadable: first\.jpg, .* bytes are too many"):
        files.read(dataclasses.replace(files.find("first.jpg"), size=2**60))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zip_of({"a.jpg": PHOTO}).replace(PHOTO, PHOTO[::-1]), "its checksum is wrong"),
        (ZEROS[:35] + b"\xff" * 5 + ZEROS[40:], "it cannot be unpacked"),
        (zip_of({"a.jpg": PHOTO}, zipfile.ZIP_LZMA), "compressed in the unknown way 14"),
    ],
)
def test_a_damaged_member_is_told_when_it_is_read(tmp_path: Path, data: bytes, reason: str) -> None:
    files = open_files([write(tmp_path / "data", {"a.zip": data})], tmp_path / "scratch")
    with pytest.raises(FileProblem, match=reason):
        files.read(files.find("a.jpg"))


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
    entries = list(opened.entries())
    assert len(entries) == len(WHOLE)
    for entry in entries:
        try:
            found = opened.read(entry)
        except FileProblem:
            continue
        # Tar archives have no checksum over their members' bytes.
        assert "tar" in kind or entry.name not in WHOLE or found == WHOLE[entry.name]
