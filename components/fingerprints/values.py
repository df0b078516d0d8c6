"""Parameters by their keys, those apart that decide nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

TRAINING_WHERE_AND_HOW = (
    "workers",
    "device",
    "zero_stage",
    "gradient_checkpointing",
    "feature_cache_mib",
    "loader_processes",
    "log_every",
    "checkpoint_every",
    "max_failures",
)
"""Keys of a training stage that do not decide what is learnt: a run goes on from its checkpoints when they change."""


def flatten(values: Any, key: str = "") -> dict[str, Any]:
    """Nested values by dotted keys; entries of a list that have names, by these."""
    return dict(_flatten(values, key))


def without(values: dict[str, Any], patterns: Sequence[str]) -> dict[str, Any]:
    """Those whose keys match none of the patterns."""
    return {key: value for key, value in values.items() if not any(fnmatchcase(key, one) for one in patterns)}


def _flatten(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flatten(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and value and all(isinstance(one, dict) and "name" in one for one in value):
        yield key, [one["name"] for one in value]
        for one in value:
            yield from _flatten({name: inner for name, inner in one.items() if name != "name"}, f"{key}.{one['name']}")
    else:
        yield key, value
