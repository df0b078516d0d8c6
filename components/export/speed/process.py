"""A subject in a process of its own: ``python -m components.export.speed.process KIND FOLDER THREADS``."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from components.evaluate.latency.timing import Timing
from components.export.speed.program import Handler, Program, serve
from components.export.speed.subjects import Subject

Kind = Literal["openvino", "gguf", "transformers"]
"""A bundle's format; or the model that bundles are made from."""
Opener = Callable[[Path, int], Subject]
"""From a folder and a number of threads."""


class Process(Program):
    """A running subject. Use as a context."""

    def __init__(self, kind: Kind, folder: Path, threads: int) -> None:
        super().__init__("components.export.speed.process", [kind, str(folder), str(threads)])

    def answer(self, question: str, picture: Image.Image | None, new_tokens: int) -> Timing:
        """Let the subject answer with exactly so many tokens."""
        request = {"question": question, "picture": _encode(picture), "new_tokens": new_tokens}
        return Timing(**self.ask(request))


# Each imports its runtime and no other: a process must not hold, or wait for, what its subject does without.
def _openvino() -> Opener:
    from components.export.speed.openvino_subject import OpenVinoSubject

    return OpenVinoSubject


def _gguf() -> Opener:
    from components.export.speed.llama_cpp_subject import LlamaCppSubject

    return LlamaCppSubject


def _transformers() -> Opener:
    from components.export.speed.transformers_subject import TransformersSubject

    return TransformersSubject


_OPENERS: Mapping[str, Callable[[], Opener]] = {"openvino": _openvino, "gguf": _gguf, "transformers": _transformers}


def _encode(picture: Image.Image | None) -> str | None:
    if picture is None:
        return None
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def _decode(picture: str | None) -> Image.Image | None:
    return None if picture is None else Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")


def _load(opener: Opener, folder: Path, threads: int) -> Handler:
    subject = opener(folder, threads)

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return asdict(subject.answer(request["question"], _decode(request["picture"]), request["new_tokens"]))

    return answer


def main() -> None:
    """Import the subject's runtime, load the subject, then answer until the input ends."""
    kind, folder, threads = sys.argv[1:]
    opener = _OPENERS[kind]()
    serve(lambda: _load(opener, Path(folder), int(threads)))


if __name__ == "__main__":
    main()
