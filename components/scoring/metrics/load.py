"""Loading a metric of this folder."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

_FOLDER = Path(__file__).parent


@cache
def load_metric(name: str) -> Any:
    """The ``evaluate`` module in ``<name>/``; it works in memory and writes no cache of data."""
    return _evaluate().load(str(_FOLDER / name), keep_in_memory=True)


def _evaluate() -> ModuleType:
    """The library without its pipelines.

    Those import transformers and with it torch, which costs most of the start-up and which scoring does not
    need. The library does without where transformers is absent, so it is hidden for the time of this import.
    """
    if "evaluate" in sys.modules:
        return sys.modules["evaluate"]
    before = sys.modules.get("transformers")
    sys.modules["transformers"] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("evaluate")
    finally:
        del sys.modules["transformers"]
        if before is not None:
            sys.modules["transformers"] = before
