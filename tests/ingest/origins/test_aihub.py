"""AI Hub's downloads, from a service here that behaves as badly as AI Hub's may."""

from __future__ import annotations

import io
import random
import tarfile
from pathlib import Path

import pytest

from components.ingest.origins.aihub import KEY_VARIABLE, fetch, parse
from components.ingest.records import SourceError
from components.stages.keys import BadKey
from tests.ingest.origins.service import Answer, Asked, in_order, running

KEY = "0F1E-secret-key"
PAUSE_S = 0.001


def _tar(seed: int = 1) -> bytes:
    """An archive as AI Hub sends it: a tar of zips, here of noise."""
    noise = random.Random(seed).randbytes(300_000)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("135.예제/01.데이터/VS_예제.zip.part0")
        member.size = len(noise)
        archive.addfile(member, io.BytesIO(noise))
    return stream.getvalue()


TAR = _tar()
RESUMABLE = Answer(TAR, ranges=True, headers={"ETag": '"v1"'})
CUT = Answer(TAR, cut=100_000, ranges=True, headers={"ETag": '"v1"'})


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account's key."""
    monkeypatch.setenv(KEY_VARIABLE, KEY)


def _text(folder: Path, address: str, place: str = "135") -> str:
    """The error of a download that fails, which must leave no archive and must not show the key."""
    with pytest.raises(SourceError) as caught:
        fetch(place, 1, folder, address, PAUSE_S)
    assert not list(folder.rglob("download.tar"))
    assert KEY not in str(caught.value)
    return str(caught.value)


def test_the_archive_is_fetched_once_as_the_shell_script_does(tmp_path: Path) -> None:
    with running(in_order(RESUMABLE)) as service:
        folder = fetch("135/12,7", 1, tmp_path, service.address, PAUSE_S)
        assert fetch("135/7,12", 1, tmp_path, service.address, PAUSE_S) == folder
    (asked,) = service.asked
    assert asked.path == "/down/0.6/135.do?fileSn=7,12"
    assert asked.headers["apikey"] == KEY
    assert [path.name for path in folder.iterdir()] == ["download.tar"]
    assert (folder / "download.tar").read_bytes() == TAR


def test_all_files_are_asked_for_if_none_is_named(tmp_path: Path) -> None:
    with running(in_order(RESUMABLE)) as service:
        whole = fetch("135", 1, tmp_path, service.address, PAUSE_S)
        some = fetch("135/7", 1, tmp_path, service.address, PAUSE_S)
    assert service.asked[0].path == "/down/0.6/135.do?fileSn=all"
    assert whole != some


@pytest.mark.parametrize("place", ["", "x", "135/", "135/a", "135/1,,2", "135/1/2", "135?x=1", "１３５", "-1"])
def test_places_that_name_no_data_set_are_refused(place: str) -> None:
    with pytest.raises(SourceError, match="write aihub:<number>"):
        parse(place)


def test_a_cut_download_goes_on_where_it_broke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(in_order(CUT, RESUMABLE)) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert (folder / "download.tar").read_bytes() == TAR
    assert service.ranges() == ["", "bytes=100000-"]
    assert "trying again" in capsys.readouterr().out


def test_a_service_without_ranges_sends_all_again(tmp_path: Path) -> None:
    with running(in_order(CUT, Answer(TAR, headers={"ETag": '"v1"'}))) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert (folder / "download.tar").read_bytes() == TAR
    assert service.ranges() == ["", "bytes=100000-"]


def test_the_rest_of_another_version_is_never_appended(tmp_path: Path) -> None:
    newer = Answer(_tar(2), ranges=True, headers={"ETag": '"v2"'})
    with running(in_order(CUT, newer)) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert (folder / "download.tar").read_bytes() == newer.body
    assert service.ranges() == ["", "bytes=100000-", ""]


def test_bytes_from_another_place_are_never_appended(tmp_path: Path) -> None:
    # As many as are missing, so that the length alone would not tell.
    span = {"Content-Range": f"bytes 50-{len(TAR) - 100_000 + 49}/{len(TAR)}"}
    wrong = Answer(TAR[50 : len(TAR) - 100_000 + 50], 206, {"ETag": '"v1"'} | span)
    with running(in_order(CUT, wrong, RESUMABLE)) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert (folder / "download.tar").read_bytes() == TAR
    assert service.ranges() == ["", "bytes=100000-", ""]


def test_a_range_that_is_refused_begins_again(tmp_path: Path) -> None:
    with running(in_order(CUT, Answer(status=416), RESUMABLE)) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert (folder / "download.tar").read_bytes() == TAR
    assert service.ranges() == ["", "bytes=100000-", ""]


@pytest.mark.parametrize(("size", "range_"), [(40_000, "bytes=40000-"), (0, ""), (len(TAR), ""), (len(TAR) + 1, "")])
def test_a_run_that_was_killed_goes_on_in_the_next(tmp_path: Path, size: int, range_: str) -> None:
    with running(in_order(CUT, Answer(status=403))) as service:
        _text(tmp_path, service.address)
    (part,) = tmp_path.rglob("*.part")
    part.write_bytes((TAR + b"?")[:size])
    with running(in_order(RESUMABLE)) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert service.ranges() == [range_]
    assert (folder / "download.tar").read_bytes() == TAR


def test_a_part_without_its_note_is_not_used(tmp_path: Path) -> None:
    with running(in_order(CUT, Answer(status=403))) as service:
        _text(tmp_path, service.address)
    for note in tmp_path.rglob("*.json"):
        note.write_text("{", encoding="utf-8")
    with running(in_order(RESUMABLE)) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert service.ranges() == [""]
    assert (folder / "download.tar").read_bytes() == TAR


def test_an_answer_shorter_than_it_says_is_not_taken(tmp_path: Path) -> None:
    with running(in_order(Answer(TAR, length=len(TAR) + 512))) as service:
        text = _text(tmp_path, service.address)
    assert "could not be downloaded in 7 tries" in text
    assert len(service.asked) == 7


def test_a_rest_shorter_than_its_range_says_is_not_taken(tmp_path: Path) -> None:
    end = f"bytes 100000-{len(TAR) - 1}/{len(TAR)}"
    short = Answer(TAR[100_000:150_000], 206, {"ETag": '"v1"', "Content-Range": end})
    with running(in_order(CUT, short, RESUMABLE)) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert service.ranges() == ["", "bytes=100000-", "bytes=150000-"]
    assert (folder / "download.tar").read_bytes() == TAR


def test_an_answer_of_unknown_length_is_taken_if_it_is_whole(tmp_path: Path) -> None:
    with running(in_order(Answer(TAR, length=-1))) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert (folder / "download.tar").read_bytes() == TAR


def test_an_answer_of_unknown_length_that_ends_early_is_not_taken(tmp_path: Path) -> None:
    with running(in_order(Answer(TAR, length=-1, cut=100_000))) as service:
        assert "not a whole tar archive" in _text(tmp_path, service.address)
    assert not list(tmp_path.rglob("*.part*"))


def test_an_answer_that_is_no_archive_is_shown(tmp_path: Path) -> None:
    with running(in_order(Answer(b"<html>maintenance"))) as service:
        assert "not a whole tar archive; it begins with '<html>maintenance'" in _text(tmp_path, service.address)


@pytest.mark.parametrize("before", [0, 190, 790])
def test_an_answer_that_repeats_the_key_is_shown_without_it(tmp_path: Path, before: int) -> None:
    with running(in_order(Answer(b"x" * before + f" the key {KEY} has expired".encode()))) as service:
        assert KEY[:12] not in _text(tmp_path, service.address)


def test_a_502_is_explained_and_not_tried_again(tmp_path: Path) -> None:
    body = f"승인되지 않은\n 사용자입니다 {KEY} ".encode() + b"x" * 500
    with running(in_order(Answer(body, 502))) as service:
        text = _text(tmp_path, service.address)
    assert text.startswith("AI Hub answered 502: 승인되지 않은 사용자입니다 *** xxx")
    assert "not approved for data set 135" in text
    assert "https://www.aihub.or.kr/aihubdata/data/view.do?dataSetSn=135" in text
    assert text.count("x" * 10) < 21
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_explained(tmp_path: Path, status: int) -> None:
    with running(in_order(Answer(KEY.encode(), status))) as service:
        assert f"AI Hub answered {status}: the key in {KEY_VARIABLE} is wrong" in _text(tmp_path, service.address)
    assert len(service.asked) == 1


def test_other_answers_are_shown(tmp_path: Path) -> None:
    with running(in_order(Answer(b"no such file", 404))) as service:
        assert "answered 404: no such file; check the number" in _text(tmp_path, service.address)


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_what_may_pass_is_tried_again(tmp_path: Path, status: int) -> None:
    with running(in_order(Answer(status=status), Answer(status=status), RESUMABLE)) as service:
        folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert len(service.asked) == 3
    assert (folder / "download.tar").read_bytes() == TAR


def test_a_service_that_is_away_is_explained(tmp_path: Path) -> None:
    with running(in_order(RESUMABLE)) as service:
        pass
    assert "could not be downloaded in 7 tries (the connection broke" in _text(tmp_path, service.address)


@pytest.mark.parametrize("value", ["", "  "])
def test_without_a_key_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(KEY_VARIABLE, value)
    with running(in_order(RESUMABLE)) as service, pytest.raises(SourceError, match="set the environment"):
        fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert not service.asked


def test_a_key_that_can_be_none_is_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "my key\nX: y")
    with pytest.raises(BadKey, match=f"variable {KEY_VARIABLE} holds no key") as caught:
        fetch("135", 1, tmp_path, "http://127.0.0.1:9", PAUSE_S)
    assert "my key" not in str(caught.value)


def test_the_key_is_not_shown_to_where_the_service_redirects_to(tmp_path: Path) -> None:
    with running(in_order(RESUMABLE)) as other:
        moved = Answer(status=302, headers={"Location": f"{other.address}/x.tar"})
        with running(in_order(moved)) as service:
            folder = fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert service.asked[0].headers["apikey"] == KEY
    assert "apikey" not in other.asked[0].headers
    assert (folder / "download.tar").read_bytes() == TAR


def test_the_key_stays_through_redirects_of_the_service_itself(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        return RESUMABLE if asked.path == "/x.tar" else Answer(status=302, headers={"Location": "/x.tar"})

    with running(answer) as service:
        fetch("135", 1, tmp_path, service.address, PAUSE_S)
    assert [asked.headers["apikey"] for asked in service.asked] == [KEY, KEY]


def test_progress_is_told_and_the_key_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(in_order(CUT, RESUMABLE)) as service:
        fetch("135", 1, tmp_path, service.address, PAUSE_S)
    told = capsys.readouterr().out
    assert f"AI Hub 135: {len(TAR):,} of {len(TAR):,} bytes (100 %)" in told
    assert KEY not in told


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "scratch").write_bytes(b"")
    with running(in_order(RESUMABLE)) as service:
        assert "cannot be saved" in _text(tmp_path / "scratch", service.address)
