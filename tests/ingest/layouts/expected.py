"""What must come of a data set that a builder wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Expected:
    """Counts after reading and checking."""

    kept: int
    refused: Mapping[str, int] = field(default_factory=dict)
    """By fault, of readers and of workers."""

    @property
    def rows(self) -> int:
        """All that a reader must hand on."""
        return self.kept + sum(self.refused.values())


def as_json(value: Any, encoding: str = "utf-8") -> bytes:
    """JSON with Hangul as Hangul."""
    return json.dumps(value, ensure_ascii=False).encode(encoding)
