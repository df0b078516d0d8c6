"""The program that serves a bundle."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import openai
import pytest

from components.bundles.runtime import answer, open_bundle
from tests.model.tiny import ROOT


def begin(*arguments: str) -> subprocess.Popen[str]:
    """The program, with its output in one pipe."""
    command = [sys.executable, "-m", "components.export.serve", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def free_port() -> int:
    """That nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def first_answer(process: subprocess.Popen[str], port: int) -> str | None:
    """To a question, as soon as the program serves."""
    client = openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0)
    deadline = time.monotonic() + 600
    while True:
        try:
            told = client.chat.completions.create(model="fp16", messages=[{"role": "user", "content": "뭐야?"}])
            return told.choices[0].message.content
        except openai.APIConnectionError:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.2)


def test_the_program_serves_until_it_is_stopped(bundle_folder: Path) -> None:
    port = free_port()
    process = begin(str(bundle_folder), "--port", str(port), "--threads", "1", "--max-new-tokens", "6")
    try:
        told = first_answer(process, port)
    finally:
        process.terminate()
    output, _ = process.communicate(timeout=600)
    assert told
    assert told == answer(open_bundle(bundle_folder, 1), "뭐야?", None, 6)
    assert output == f"fp16 (openvino fp16): base_url http://127.0.0.1:{port}/v1\n"


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_what_cannot_be_served_is_named(bundle_folder: Path, tmp_path: Path, harm: str) -> None:
    folder = Path(shutil.copytree(bundle_folder, tmp_path / "bundle"))
    file = folder / "openvino_language_model.bin"
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(bytes(file.stat().st_size))
    output, _ = begin(str(folder)).communicate(timeout=600)
    assert output.startswith(f"error: {file} is {harm}")
    assert "Traceback" not in output
