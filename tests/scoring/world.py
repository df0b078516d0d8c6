"""Items with answers, as a scorer takes them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from components.prompts.choice import k_dtcbench
from components.scoring.measure import Measure, Scored

OPTIONS = ["사과", "배", "감", "귤"]
QUESTION = k_dtcbench("무엇인가요?", OPTIONS)


def item(item_id: str, reference: str, **more: Any) -> dict[str, Any]:
    """An item with the columns that a test does not care about filled in."""
    return {
        "item_id": item_id,
        "image": None,
        "prompt": QUESTION,
        "reference": reference,
        "references": [reference],
        "options": [],
        "context": "",
        "category": "과일",
        "group": "",
        "seen": True,
        "layout": "short-answer",
        "prompt_version": "test-1",
    } | more


def frame(responses: list[str], references: list[str], **columns: Any) -> pd.DataFrame:
    """Items with responses."""
    rows = [item(f"{i:03d}", reference) for i, reference in enumerate(references)]
    return pd.DataFrame(rows).assign(response=responses, **columns)


def measure(scored: Scored, metric: str) -> Measure:
    """The figure of that name."""
    return next(found for found in scored.measures if found.metric == metric)
