"""``folder:<path>``: a data set that lies on this machine, or on a file system that all machines share."""

from __future__ import annotations

from pathlib import Path

from components.ingest.records import SourceError


def fetch(place: str, seed: int, scratch: Path) -> Path:
    """The folder itself, or the archive if the path names one; nothing is copied.

    Raises:
        SourceError: if nothing is there.
    """
    path = Path(place).expanduser().resolve()
    if not place or not path.exists():
        raise SourceError(
            f"origin folder:{place} is neither a folder nor a file: put the data set there, or change it in params.yaml"
        )
    return path
