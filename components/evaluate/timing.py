"""One timed answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of one answer of a fixed number of tokens."""

    first: float
    """Until the first token, the picture's preparation included."""
    decode: float
    """From the first token to the last."""
    total: float
    tokens: int
    characters: int
