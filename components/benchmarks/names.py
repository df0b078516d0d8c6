"""Which layouts there are, by the files' names alone: parameters are checked without loading any of them."""

from __future__ import annotations

from pathlib import Path

LAYOUTS = Path(__file__).parent / "layouts"


def layout_names() -> list[str]:
    """What ``layout`` of a benchmark may be in params.yaml."""
    return sorted(file.stem.replace("_", "-") for file in LAYOUTS.glob("*.py") if file.stem != "__init__")
