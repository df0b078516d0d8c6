"""Where every figure of a comparison comes from."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboards.compare.column import Column
from dashboards.page import text


def conditions_table(columns: Sequence[Column]) -> pd.DataFrame:
    """State, source, reason, condition and versions of each figure."""
    rows = [
        {
            text("subject"): column.name,
            text("benchmark"): score.benchmark,
            text("metric"): score.metric,
            text("state"): text(score.status),
            text("source"): score.source,
            text("reason"): score.reason,
            text("condition"): score.condition,
            text("versions"): ", ".join(f"{name}={value}" for name, value in score.versions.items() if value),
        }
        for column in columns
        for score in column.scores.rows
        if score.subject == column.subject
    ]
    return pd.DataFrame(rows)
