"""The model by which captions are compared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from components.evaluate.models.places import locate
from components.evaluate.models.spec import parse_origin


def find_sentence_model(origin: str | None, scratch: Path) -> Path | None:
    """Its folder; from the hub it is downloaded once.

    Raises:
        ModelError: if it cannot be had.
    """
    return None if origin is None else locate(parse_origin(origin), scratch, _files).folder


def _files(names: Iterable[str]) -> list[str]:
    """Everything but weights in other formats."""
    found = list(names)
    has_safetensors = any(name.endswith(".safetensors") for name in found)
    left_out = (".bin", ".h5", ".onnx", ".ot", ".msgpack") if has_safetensors else (".h5", ".onnx", ".ot", ".msgpack")
    return [name for name in found if not name.endswith(left_out)]
