"""Verification in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import openvino as ov
import pytest
from openvino import opset15 as ops
from PIL import Image

from components.bundles import runtime
from components.bundles.conversation import Ending, Stream, Turn
from components.bundles.manifest import Manifest, files_of, write_manifest
from components.bundles.openvino import names
from components.export import verify as module
from components.export.verify import VerificationFailed, draw_picture, is_text, verify, verify_in_fresh_process
from tests.model.tiny import ROOT

CHECKS = ["hashes", "load", "text", "picture"]


def program(folder: Path) -> subprocess.CompletedProcess[str]:
    """The module as a program."""
    command = [sys.executable, "-m", "components.export.verify", str(folder), "--threads", "1"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(bundle_folder: Path, tmp_path: Path) -> Path:
    """A bundle to be damaged."""
    return Path(shutil.copytree(bundle_folder, tmp_path / "bundle"))


def rewrite_manifest(folder: Path) -> None:
    """So that the hashes fit what was changed."""
    write_manifest(folder, Manifest(name="changed", format="openvino", weights="fp16", files=files_of(folder)))


def test_prints_one_line_a_check_with_seconds(bundle_folder: Path) -> None:
    done = program(bundle_folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == CHECKS
    assert all(float(line.split(": ")[1].split(" s,")[0]) >= 0 for line in lines)


def test_needs_no_torch(bundle_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from components.export.verify import verify;"
        f"verify(Path({str(bundle_folder)!r}), 1);"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'transformers', 'nncf', 'ray'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_fresh_process_says_nothing_of_a_whole_bundle(bundle_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    verify_in_fresh_process(bundle_folder)
    assert capfd.readouterr() == ("", "")


def test_damaged_file_ends_with_its_name(copy: Path) -> None:
    path = copy / names.TOKENIZER
    path.write_bytes(path.read_bytes()[:-1])
    done = program(copy)
    assert done.returncode == 1
    assert f"{path} is damaged" in done.stderr
    with pytest.raises(VerificationFailed, match=r"tokenizer\.json is damaged"):
        verify_in_fresh_process(copy)


def test_no_bundle_ends_with_the_command(tmp_path: Path) -> None:
    done = program(tmp_path)
    assert done.returncode == 1
    assert "dvc repro export" in done.stderr


def break_xml(folder: Path) -> None:
    """A graph that is no XML."""
    (folder / names.LANGUAGE_MODEL).write_text("<net", encoding="utf-8")


def other_width(folder: Path) -> None:
    """Embeddings that the language model does not take."""
    ids = ops.parameter([-1, -1], ov.Type.i64, name="input")
    table = ops.constant([[0.5] * 7] * 2000, dtype=ov.Type.f32)
    model = ov.Model([ops.result(ops.gather(table, ids, ops.constant(0)))], [ids], "embeddings")
    model.inputs[0].get_tensor().set_names({"input"})
    model.outputs[0].get_tensor().set_names({"inputs_embeds"})
    (folder / names.EMBEDDINGS).unlink()
    (folder / names.EMBEDDINGS).with_suffix(".bin").unlink()
    ov.save_model(model, folder / names.EMBEDDINGS)


@pytest.mark.parametrize("change", [break_xml, other_width])
def test_what_does_not_run_ends_with_the_reason(copy: Path, change: Callable[[Path], None]) -> None:
    change(copy)
    rewrite_manifest(copy)
    done = program(copy)
    assert done.returncode == 1
    assert done.stdout.startswith("hashes: ")
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    with pytest.raises(VerificationFailed, match="does not run in a fresh process"):
        verify_in_fresh_process(copy)


class Told:
    """A runtime that answers what it is told, with and without a picture."""

    def __init__(self, text: object, picture: object) -> None:
        self._answers = (text, picture)

    def stream(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Stream:
        """One piece."""
        yield self._answers[picture is not None]  # type: ignore[misc]
        return Ending(1, 1, is_cut=False)


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        (("", "별"), "text alone"),
        ((" \n", "별"), "text alone"),
        (("별", "\ufffd"), "picture"),
        (("별", "\0"), "picture"),
    ],
)
def test_answer_that_is_no_text_fails(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, answers: tuple[str, str], asked: str
) -> None:
    monkeypatch.setattr(module, "open_bundle", lambda folder, threads: Told(*answers))
    with pytest.raises(VerificationFailed, match=asked):
        verify(bundle_folder)


@pytest.mark.parametrize("told", ["별", "a", "…", "1", "ㅋ", "👍", "별\ufffd"])
def test_text_can_be_read(told: str) -> None:
    assert is_text(told)


@pytest.mark.parametrize("told", ["", " ", "\n\t", "\ufffd\ufffd", "\0", "\u200b", None, 3, b"a"])
def test_what_cannot_be_read_is_no_text(told: object) -> None:
    assert not is_text(told)


def test_both_questions_reach_the_runtime(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []
    real = runtime.answer

    def listen(opened: runtime.Runtime, question: str, picture: Image.Image | None, max_new_tokens: int) -> str:
        asked.append((question, picture is not None))
        return real(opened, question, picture, max_new_tokens)

    monkeypatch.setattr(module, "answer", listen)
    verify(bundle_folder, 1)
    assert [pictured for _, pictured in asked] == [False, True]
    assert all(question.endswith("?") for question, _ in asked)


def test_picture_shows_something() -> None:
    picture = draw_picture()
    assert picture.mode == "RGB"
    assert picture.width > picture.height
    assert {color for _, color in picture.getcolors() or []} == {(255, 255, 255), (255, 0, 0)}
