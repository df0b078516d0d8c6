"""How fast bundles are, for people, in two languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.evaluate.comparison.report.layout import number, percent, plain, table
from components.evaluate.comparison.report.texts import Language
from components.export.texts import say

_TIMES = ("first_token_ms", "first_token_ms_p95", "tokens_per_second", "characters_per_second")
_COSTS = ("load_seconds", "peak_mb")


def speed_lines(speed: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Markdown: on what it was measured, and a row for each model with a picture and without.

    Args:
        speed: what ``measure_speed`` gives.
    """
    conditions = {
        **{key: str(speed[key]) for key in ("rounds", "new_tokens")},
        "device": plain(speed["device"]),
        "bandwidth": f"{speed['bandwidth_gb_s']:.1f}",
    }
    yield from (say("speed_intro", language, **conditions), "")
    yield from table(
        [say(key, language) for key in ("subject", "picture", *_TIMES, "memory_share", *_COSTS)],
        (
            [
                plain(row["name"]),
                say("with_picture" if row["with_image"] else "without_picture", language),
                *(number(row[key]) for key in _TIMES),
                percent(row["memory_share"]),
                *(number(row[key]) for key in _COSTS),
            ]
            for row in speed["rows"]
        ),
    )
