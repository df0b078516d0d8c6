"""What all statistics share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The same for every figure of a run."""

    confidence: float
    """Of intervals, between 0 and 1; tests call a difference shown at 1 - confidence."""
    resamples: int
    """Of the bootstrap."""
    seed: int
    """The same seed gives the same draws."""

    @property
    def significance(self) -> float:
        """The p value from which on a difference is not shown."""
        return 1 - self.confidence
