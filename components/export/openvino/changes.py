"""Changes to configuration files that transformers has saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.files.atomic import write_json


def change_json(path: Path, *changes: Callable[[Any], Any]) -> None:
    """Replace a file's JSON value by what the changes make of it, one after the other."""
    value = json.loads(path.read_text(encoding="utf-8"))
    for change in changes:
        value = change(value)
    write_json(path, value)


def without_code(values: dict[str, Any]) -> dict[str, Any]:
    """Without the names of Python files that the model brings and a bundle has not."""
    return {key: value for key, value in values.items() if key != "auto_map"}
