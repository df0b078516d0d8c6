"""``folder:<path>``: a data set that lies on this machine, or on a file system that all machines share."""

from __future__ import annotations

from pathlib import Path

from components.ingest.records import SourceError


def fetch(place: str, seed: int, scratch: Path) -> Path:
    """The folder itself; nothing is copied."""
    path = Path(place).expanduser().resolve()
    if not path.is_dir():
        raise SourceError(f"origin folder:{place} is no folder: put the data set there, or change it in params.yaml")
    return path
