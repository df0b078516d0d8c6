"""One candidate in a process of its own.

``python -m benchmarks.export.worker language|image KIND PATH OPTION THREADS``
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.export import image_encoders, language_models
from benchmarks.export.setting import pictures
from components.export.speed.program import Handler, serve

_SIDE, _SEED = 336, 17


def _language(kind: str, path: Path, option: str, threads: int) -> Handler:
    model = language_models.OPENERS[kind](path, option, threads)

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return language_models.time_tokens(model, request["new_tokens"])

    return answer


def _image(kind: str, path: Path, option: str, threads: int) -> Handler:
    encode = image_encoders.OPENERS[kind](path, option, threads)

    def answer(_request: dict[str, Any]) -> dict[str, Any]:
        (picture,) = pictures(1, _SIDE, _SEED)
        start = time.perf_counter()
        encode(picture)
        return {"seconds": time.perf_counter() - start}

    return answer


def main() -> None:
    """Command line."""
    logging.disable(logging.WARNING)
    part, kind, path, option, threads = sys.argv[1:]
    opener = {"language": _language, "image": _image}[part]
    serve(lambda: opener(kind, Path(path), option, int(threads)))


if __name__ == "__main__":
    main()
