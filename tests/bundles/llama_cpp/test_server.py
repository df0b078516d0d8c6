"""Talking to a bundle through llama-server: the real one where it is found, a stand-in for what may go wrong."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import psutil
import pytest
from PIL import Image

from components.bundles.conversation import Heard, Turn
from components.bundles.llama_cpp.server import PROGRAM, LlamaServer
from components.bundles.manifest import BundleError
from tests.bundles.llama_cpp.generated import QUESTION, SPOKEN, generated
from tests.export.conftest import Pair


@pytest.fixture(scope="module")
def server(llama_cpp_folder: Path) -> LlamaServer:
    """The bundle, loaded."""
    if not shutil.which(PROGRAM):
        pytest.skip(f"{PROGRAM} is not on the PATH")
    return LlamaServer(llama_cpp_folder, threads=1)


@pytest.mark.parametrize("turns", [QUESTION, SPOKEN])
@pytest.mark.parametrize("pictured", [True, False])
def test_answer_is_the_one_of_generate(
    pictured: bool, turns: list[Turn], untied_pair: Pair, server: LlamaServer, shown: Image.Image
) -> None:
    picture = shown if pictured else None
    heard = Heard(server.stream(turns, picture, 24))
    told = "".join(heard)
    tokens = generated(untied_pair, turns, picture, 24)
    assert len(told) > 5
    # What is cut within a character ends in its first bytes in one, and in nothing in the other.
    assert told.rstrip("\ufffd") == untied_pair[1].tokenizer.decode(tokens).rstrip("\ufffd")
    assert heard.ending is not None
    assert heard.ending.answer_tokens == len(tokens)


def test_the_server_ends_with_its_object(llama_cpp_folder: Path, server: LlamaServer) -> None:
    before = {child.pid for child in psutil.Process().children()}
    second = LlamaServer(llama_cpp_folder, threads=1)
    (child,) = [one for one in psutil.Process().children() if one.pid not in before]
    assert child.name() == PROGRAM
    del second
    gc.collect()
    assert not child.is_running()


def program(tmp_path: Path, lines: str) -> str:
    """In place of llama-server."""
    path = tmp_path / PROGRAM
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return str(path)


def test_a_server_that_ends_tells_why(llama_cpp_folder: Path, tmp_path: Path) -> None:
    ends = program(tmp_path, 'echo "unknown projector: $3" >&2; exit 3')
    with pytest.raises(BundleError, match=r"(?s)exit code 3.*unknown projector: .*language_model-F16.gguf"):
        LlamaServer(llama_cpp_folder, program=ends)


def test_a_server_that_is_not_there_is_named(llama_cpp_folder: Path) -> None:
    with pytest.raises(BundleError, match=r"/nowhere/llama-server is not there: .*--llama-server"):
        LlamaServer(llama_cpp_folder, program="/nowhere/llama-server")


def test_a_file_that_is_missing_is_named(llama_cpp_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llama_cpp_folder, tmp_path / "bundle"))
    (folder / "projector-F16.gguf").unlink()
    with pytest.raises(BundleError, match=r"must hold one file projector-\*.gguf"):
        LlamaServer(folder, program=program(tmp_path, "exit 3"))
