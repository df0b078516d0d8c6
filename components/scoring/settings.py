"""What scoring needs beside items and answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The same for every model."""

    sentence_model: Path | None = None
    """Folder of a sentence-transformers model for the similarity of captions."""
    no_judge: str = ""
    """Why answers are not judged, and what to write into params.yaml to have it done; "" where a judge is set."""
    min_coverage: float = 0.95
    """Share of the judgements that must have come for there to be a score."""
