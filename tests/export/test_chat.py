"""The chat in the terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from components.bundles.conversation import Turn
from components.bundles.runtime import answer, open_bundle
from components.export.chat import Chat
from tests.bundles.said import Said
from tests.model.tiny import ROOT


class Screen:
    """What was written."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def __call__(self, text: str) -> None:
        """Write."""
        self.pieces.append(text)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.pieces)


def test_a_conversation_goes_on_and_begins_anew() -> None:
    said, screen = Said(["네", ". "]), Screen()
    chat = Chat(said, None, 40, screen)
    assert all(chat.hear(line) for line in ("하나?\n", "\n", "둘?", "/새로", "셋?"))
    first = [Turn("user", "하나?")]
    asked = [turns for turns, _ in said.asked]
    assert asked == [first, [*first, Turn("assistant", "네."), Turn("user", "둘?")], [Turn("user", "셋?")]]
    assert screen.pieces[:3] == ["네", ". ", "\n"]
    assert "새 대화" in screen.text


@pytest.mark.parametrize("line", ["/끝", "/quit\n", " /exit "])
def test_it_ends_when_told_to(line: str) -> None:
    assert not Chat(Said([]), None, 40, Screen()).hear(line)


def test_another_picture_begins_anew(tmp_path: Path) -> None:
    Image.new("RGB", (7, 5)).save(tmp_path / "다른 그림.png")
    said, screen = Said(["네"]), Screen()
    chat = Chat(said, None, 40, screen)
    for line in ("하나?", f"/그림 {tmp_path / '없는.png'}", "둘?", f"/그림 {tmp_path / '다른 그림.png'}", "셋?"):
        chat.hear(line)
    assert "그림을 읽을 수 없습니다" in screen.text
    assert [len(turns) for turns, _ in said.asked] == [1, 3, 1]
    assert [picture and picture.size for picture in said.pictures] == [None, None, (7, 5)]


def test_unknown_commands_bring_help() -> None:
    said, screen = Said(["네"]), Screen()
    Chat(said, None, 40, screen).hear("/뭐")
    assert "/그림" in screen.text
    assert not said.asked


def test_what_fails_is_said_and_left_out() -> None:
    said, screen = Said([ValueError("9000 tokens")]), Screen()
    chat = Chat(said, None, 40, screen)
    chat.hear("하나?")
    said.pieces = ["네"]
    chat.hear("둘?")
    assert "답하지 못했습니다: 9000 tokens" in screen.text
    assert said.asked[1][0] == [Turn("user", "둘?")]


def test_an_answer_can_be_stopped() -> None:
    screen = Screen()
    assert Chat(Said(["하나", KeyboardInterrupt()]), None, 40, screen).hear("?")
    assert screen.text == "하나 (멈춤)\n"


@pytest.fixture
def run(bundle_folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the program on the bundle with more arguments and what is typed."""

    def begin(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "components.export.chat", str(bundle_folder), "--threads", "1", *arguments]
        return subprocess.run(command, cwd=ROOT, input=typed, capture_output=True, text=True, check=False)

    return begin


def test_the_program_answers_as_the_runtime_does(
    run: Callable[..., subprocess.CompletedProcess[str]], bundle_folder: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (60, 40), "red").save(tmp_path / "red.png")
    done = run(str(tmp_path / "red.png"), "--max-new-tokens", "6", typed="뭐야?\n")
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "red.png") as picture:
        expected = answer(open_bundle(bundle_folder, 1), "뭐야?", picture, 6)
    assert expected
    assert done.stdout.replace(" …", "").strip() == expected


def test_the_program_names_what_it_cannot_open(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = run(str(tmp_path / "none.png"))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "none.png" in done.stderr
