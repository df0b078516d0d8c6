"""Files are found and read wherever they lie."""

from __future__ import annotations

import multiprocessing
import pickle
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.archives.files import FileProblem, Files, open_files
from components.archives.segments import Segment, SegmentReader
from components.ingest.records import SourceError
from tests.archives.builders import PHOTO, cp949_zip, parts_of, tar_of, write, zip_of


def names(files: Files) -> list[str]:
    return [entry.name for entry in files.entries()]


def read(files: Files, name: str) -> bytes:
    return files.read(files.find(name))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_loose_zipped_and_tarred(folder: Path, scratch: Path, method: int) -> None:
    content = {name: PHOTO + name.encode() for name in ("a.jpg", "b/c.jpg", "b/d.json")}
    write(
        folder,
        {
            "loose/x.jpg": b"x",
            "images.zip": zip_of(content, method),
            "more.tar": tar_of({"e.jpg": b"e", "f/g.jpg": b"g"}),
            "packed.tar.gz": tar_of({"h.jpg": PHOTO}, "w:gz"),
            "rubbish.zip": zip_of({"__MACOSX/._a.jpg": b"", "f/.DS_Store": b"", ".git/a.jpg": b""}),
            ".hidden": b"",
            "__MACOSX/._a.jpg": b"",
        },
    )
    files = open_files([folder], scratch)
    assert names(files) == ["a.jpg", "b/c.jpg", "b/d.json", "e.jpg", "f/g.jpg", "h.jpg", "loose/x.jpg"]
    assert all(read(files, name) == data for name, data in content.items())
    assert (read(files, "x.jpg"), read(files, "g.jpg"), read(files, "h.jpg")) == (b"x", b"g", PHOTO)
    assert [entry.name for entry in files.entries(".JSON")] == ["b/d.json"]
    assert files.find("h.jpg").archive == "packed.tar.gz" and files.find("x.jpg").archive == ""
    with files.open(files.find("c.jpg")) as stream:
        assert stream.read(7) == PHOTO[:7]


def test_parts_are_joined_by_their_numbers_inside_a_download(folder: Path, scratch: Path) -> None:
    content = {f"그림/{number}.jpg": bytes([number]) * 999 for number in range(30)}
    parts = parts_of("구이.zip", zip_of(content), 12)
    assert sorted(parts)[2] == "구이.zip.part10"
    shuffled = {f"1.데이터/{name}": parts[name] for name in sorted(parts)}
    write(folder, {"download.tar": tar_of({**shuffled, "찜.zip": zip_of({"찜.jpg": PHOTO})})})
    files = open_files([folder], scratch)
    assert len(names(files)) == 31
    assert all(read(files, name) == data for name, data in content.items())
    assert read(files, "찜.jpg") == PHOTO
    assert files.find("3.jpg").archive == "download.tar/1.데이터/구이.zip"
    (index,) = scratch.iterdir()
    assert index.match(f"files-{files.fingerprint[:16]}-*.sqlite")


def test_a_missing_part_is_named(folder: Path, scratch: Path) -> None:
    parts = parts_of("a.zip", zip_of({"a.jpg": PHOTO * 10}), 11)
    del parts["a.zip.part9"]
    with pytest.raises(SourceError, match=r"a\.zip is not whole: part9 is missing"):
        open_files([write(folder, parts)], scratch)


def test_names_in_every_encoding(folder: Path, scratch: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "구이/갈비구이.jpg")
    write(
        folder,
        {
            decomposed: b"1",
            "nfd.zip": zip_of({unicodedata.normalize("NFD", "찜/갈비찜.jpg"): b"2"}),
            "cp949.zip": cp949_zip("탕/갈비탕.jpg", b"3"),
        },
    )
    files = open_files([folder], scratch)
    assert names(files) == ["구이/갈비구이.jpg", "찜/갈비찜.jpg", "탕/갈비탕.jpg"]
    assert read(files, decomposed) == b"1" and read(files, "갈비찜.jpg") == b"2" and read(files, "갈비탕.jpg") == b"3"


def test_numbers_in_names_are_sorted_by_value(folder: Path, scratch: Path) -> None:
    write(folder, {"img10.jpg": b"", "img2.jpg": b"", "img1.jpg": b""})
    assert names(open_files([folder], scratch)) == ["img1.jpg", "img2.jpg", "img10.jpg"]


def test_archives_of_one_name_are_both_read(folder: Path, scratch: Path) -> None:
    write(folder, {"a.tar": tar_of({"1.jpg": b"1"}), "a.tar.gz": tar_of({"2.jpg": b"2"}, "w:gz")})
    assert names(open_files([folder], scratch)) == ["1.jpg", "2.jpg"]


def test_the_longest_common_end_is_meant(folder: Path, scratch: Path) -> None:
    write(folder, {"train2017/1.jpg": b"a", "gqa/images/2.jpg": b"b", "vg/VG_100K/2.jpg": b"c", "3.jpg": b"d"})
    files = open_files([folder], scratch)
    assert read(files, "coco/train2017/1.jpg") == b"a"
    assert read(files, "images/2.jpg") == b"b" and read(files, "vg/VG_100K/2.jpg") == b"c"
    assert read(files, "any/where/3.jpg") == b"d" and read(files, ".//gqa\\images/./2.jpg") == b"b"
    assert read(files, "gqa/images/3.jpg") == b"d"


@pytest.mark.parametrize("name", ["x/1.jpg", "x1.jpg", "1", "1.jpg/x", "", "/", "..", "\ud800.jpg", "\0", "%", "-"])
def test_what_is_missing_is_named(folder: Path, scratch: Path, name: str) -> None:
    files = open_files([write(folder, {"train2017/1.jpg": b"a", "-/#": b""})], scratch)
    with pytest.raises(FileProblem, match=r"^image missing: ") as problem:
        files.find(name)
    str(problem.value).encode()


def test_an_exact_name_comes_before_longer_ones(folder: Path, scratch: Path) -> None:
    files = open_files([write(folder, {"a/1.jpg": b"a", "b/a/1.jpg": b"b", "1.jpg": b"c"})], scratch)
    assert [read(files, name) for name in ("1.jpg", "a/1.jpg", "b/a/1.jpg", "x/1.jpg")] == [b"c", b"a", b"b", b"c"]


PARTS = st.lists(st.sampled_from(["a", "b", "1.jpg", "!", "0", "가"]), min_size=1, max_size=4).map("/".join)


@settings(max_examples=60, deadline=None)
@given(paths=st.sets(PARTS, min_size=1, max_size=8), wanted=PARTS)
def test_names_are_found_as_by_comparing_all(
    tmp_path_factory: pytest.TempPathFactory, paths: set[str], wanted: str
) -> None:
    folder = write(tmp_path_factory.mktemp("found"), {"a.tar": tar_of({path: path.encode() for path in paths})})
    files = open_files([folder], folder / ".scratch")
    agree = {
        path: (min(len(path), len(wanted)), path == wanted)
        for path in paths
        if f"/{wanted}".endswith(f"/{path}") or f"/{path}".endswith(f"/{wanted}")
    }
    best = [path for path in agree if agree[path] == max(agree.values())]
    if len(best) == 1:
        assert files.find(wanted).name == best[0]
    else:
        with pytest.raises(FileProblem, match="image ambiguous" if best else "image missing"):
            files.find(wanted)


def test_copies_are_one_file_and_others_of_that_size_are_not(folder: Path, scratch: Path) -> None:
    write(folder, {"a/1.bmp": b"same", "b.zip": zip_of({"1.bmp": b"same"}), "c.tar": tar_of({"x/1.bmp": b"same"})})
    assert read(open_files([folder], scratch), "x/y/1.bmp") == b"same"
    files = open_files([write(folder, {"a/2.bmp": b"some", "b.zip": zip_of({"d/2.bmp": b"same"})})], scratch)
    with pytest.raises(FileProblem, match=r"image ambiguous: 2\.bmp is in 2 places"):
        files.find("2.bmp")


def test_origins_are_told_apart_and_a_single_archive_will_do(tmp_path: Path, scratch: Path) -> None:
    rows = write(tmp_path / "rows", {"chat.json": b"[]"})
    images = write(tmp_path / "images", {"images.zip": zip_of({"a.jpg": b"a"}), "chat.json": b"[1]"})
    files = open_files([rows, images], scratch)
    assert [entry.name for entry in files.entries(".json", origin=0)] == ["chat.json"]
    assert read(open_files([images / "images.zip"], scratch), "a.jpg") == b"a"


def test_a_changed_data_set_is_listed_anew(folder: Path, scratch: Path) -> None:
    first = open_files([write(folder, {"a.jpg": b"a"})], scratch)
    assert open_files([folder], scratch).fingerprint == first.fingerprint
    second = open_files([write(folder, {"b.jpg": b"b"})], scratch)
    assert names(second) == ["a.jpg", "b.jpg"] and second.fingerprint != first.fingerprint


def test_a_moved_data_set_is_found_where_it_is(folder: Path, scratch: Path) -> None:
    first = open_files([write(folder, {"a.jpg": b"a"})], scratch)
    second = open_files([folder.rename(folder.with_name("moved"))], scratch)
    assert read(second, "a.jpg") == b"a" and second.fingerprint == first.fingerprint
    with pytest.raises(FileProblem, match=r"file unreadable: a\.jpg"):
        read(first, "a.jpg")


def test_an_index_that_was_cut_off_is_written_anew(folder: Path, scratch: Path) -> None:
    files = open_files([write(folder, {"a.tar.gz": tar_of({"a.jpg": b"a"}, "w:gz")})], scratch)
    left = [path.rename(path.with_name(f".{path.name}.part")) for path in scratch.iterdir()]
    for path in left:
        path.write_bytes(b"cut")
    assert read(open_files([folder], scratch), "a.jpg") == b"a"
    assert not any(path.exists() for path in left) and files.fingerprint


def test_places_with_signs_in_their_names(tmp_path: Path) -> None:
    folder = write(tmp_path / "100 %23 #1?x", {"a.jpg": b"a"})
    assert read(open_files([folder], tmp_path / "s %23 #1?x"), "a.jpg") == b"a"


def test_more_members_than_a_zip_archive_counts(folder: Path, scratch: Path) -> None:
    write(folder, {"many.zip": zip_of({f"{number}.jpg": b"" for number in range(65_536 + 3)})})
    assert sum(1 for _ in open_files([folder], scratch).entries(".jpg")) == 65_539


def _read_elsewhere(packed: bytes) -> bytes:
    return read(pickle.loads(packed), "a.jpg")


@pytest.mark.parametrize("way", ["spawn", "fork"])
def test_other_processes_can_read_too(folder: Path, scratch: Path, way: str) -> None:
    files = open_files([write(folder, {"a.zip": zip_of({"a.jpg": PHOTO})})], scratch)
    assert read(files, "a.jpg") == PHOTO
    with multiprocessing.get_context(way).Pool(2) as pool:
        assert pool.map(_read_elsewhere, [pickle.dumps(files)] * 6) == [PHOTO] * 6


def test_segments_read_as_one_file(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"0123456789")
    two.write_bytes(b"abcdefghij")
    with SegmentReader([Segment(one, 3, 4), Segment(two, 0, 5), Segment(one, 0, 1)]) as reader:
        assert reader.read() == b"3456abcde0"
        assert (reader.seek(-3, 2), reader.read(2), reader.seek(2), reader.read(4)) == (7, b"de", 2, b"56ab")
