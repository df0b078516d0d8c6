"""Talking to a bundle through llama.cpp's own server, as a process of its own on this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import gguf
import httpx
from PIL import Image

from components.bundles.conversation import TEMPLATE, Stream, Turn
from components.bundles.endpoint import Endpoint
from components.bundles.llama_cpp import names
from components.bundles.manifest import BundleError
from components.bundles.preprocess import Preprocessing

PROGRAM = "llama-server"
_HOST = "127.0.0.1"
_POSITIONS = 4096
"""Of a conversation: keys and values take memory for all of them, and models know up to 131,072."""
_PATIENCE_S = 600
_LAST_BYTES = 2000


class LlamaServer:
    """``llama-server`` with a bundle's two files (components.bundles.runtime.Runtime). It ends with this object."""

    def __init__(self, folder: Path, threads: int | None = None, program: str = PROGRAM) -> None:
        """Start the server and wait until it has loaded the files.

        Args:
            folder: of the bundle.
            threads: None: as many as the server thinks fit.
            program: a name that PATH finds, or a path.

        Raises:
            BundleError: if a file is missing, or the server is not there or ends; with its last words.
        """
        language_model = names.language_model_path(folder)
        # The server would pad a picture where the model was trained on its middle.
        self._preprocessing = Preprocessing.geometry(_image_side(language_model))
        options = {
            "--model": language_model,
            "--mmproj": names.projector_path(folder),
            "--chat-template-file": folder / TEMPLATE,
            "--ctx-size": _POSITIONS,
            "--parallel": 1,
            "--host": _HOST,
            "--port": _free_port(),
        } | ({"--threads": threads} if threads else {})
        command = [_found(program), "--jinja", *(str(word) for option in options.items() for word in option)]
        address = f"http://{_HOST}:{options['--port']}"
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
            weakref.finalize(self, _end, process)
            _wait(process, address, said)
        self._endpoint = Endpoint(f"{address}/v1")

    def stream(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Stream:
        """The answer to a conversation, piece by piece, decoded greedily."""
        square = None if picture is None else self._preprocessing.square(picture)
        return self._endpoint.stream(turns, square, max_new_tokens)


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise BundleError(
            f"{program} is not there: llama.cpp's releases have it; put it on the PATH, or name it by --llama-server"
        )
    return path


def _image_side(path: Path) -> int:
    field = gguf.GGUFReader(path).get_field(names.IMAGE_SIDE)
    if field is None:
        raise BundleError(f"{path} has no key {names.IMAGE_SIDE}: it is no language model of this project")
    return int(field.contents())


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((_HOST, 0))
        port: int = found.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], address: str, said: IO[bytes]) -> None:
    """Until the server is ready."""
    deadline = time.monotonic() + _PATIENCE_S
    while not _is_ready(address):
        if process.poll() is not None or time.monotonic() > deadline:
            said.seek(max(0, said.seek(0, 2) - _LAST_BYTES))
            last = said.read().decode(errors="replace")
            raise BundleError(
                f"{PROGRAM} did not load the bundle (exit code {process.poll()}). Its last words:\n{last}"
            )
        time.sleep(0.1)


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()
