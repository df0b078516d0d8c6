"""Where data sets come from: ``<kind>:<place>``. To add a kind: a file with ``fetch``, a line in ORIGINS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from components.ingest.origins import demo, folder
from components.ingest.records import SourceError

ORIGINS: dict[str, Callable[[str, int, Path], Path]] = {"folder": folder.fetch, "demo": demo.fetch}
"""Each takes the place, the seed and a scratch folder, and gives the folder in which the data set lies."""


def fetch(origin: str, seed: int, scratch: Path) -> Path:
    """Bring a data set here, if it is not here yet.

    Raises:
        SourceError: if the origin is unknown or holds nothing.
    """
    kind, colon, place = origin.partition(":")
    if not colon or kind not in ORIGINS:
        known = ", ".join(f"{name}:..." for name in ORIGINS)
        raise SourceError(f"origin {origin!r} in params.yaml is unknown: use one of {known}")
    return ORIGINS[kind](place, seed, scratch)
