"""What is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.scoring.measure import Measure

VERSIONS = ("items", "prompt", "parser", "decoding", "judge")
"""What must be the same for two figures to be comparable; see components/evaluate/rows.py."""


@dataclass(frozen=True)
class Answers:
    """One model's answers to one benchmark, scored."""

    subject: str
    benchmark: str
    versions: Mapping[str, str]
    """One text for each of VERSIONS."""
    measures: Sequence[Measure]
    """The first is the benchmark's main one."""

    def __post_init__(self) -> None:
        """Raises ValueError if a version is not said, for then nobody can tell what is comparable."""
        silent = [name for name in VERSIONS if not self.versions.get(name)]
        if silent:
            raise ValueError(
                f"answers of {self.subject} to {self.benchmark}: no version of {', '.join(silent)}; "
                'give one for each ("none" where there is no judge)'
            )
