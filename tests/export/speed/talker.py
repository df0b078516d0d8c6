"""A program as the speed report starts them: ``python -m tests.export.speed.talker [fails]``."""

from __future__ import annotations

import sys
from typing import Any

from components.export.speed.program import Handler, serve


def _load() -> Handler:
    if "fails" in sys.argv:
        raise FileNotFoundError("no weights here")
    return _answer


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    print("a library talks")
    if "allocate" in request:
        return {"held": len(b"\1" * request["allocate"])}
    return {"doubled": request["value"] * 2}


if __name__ == "__main__":
    serve(_load)
