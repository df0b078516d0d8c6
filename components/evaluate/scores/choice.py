"""Lettered multiple choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from components.evaluate.parsers import count_options, parse_letter
from components.evaluate.scores.figures import Figure, Scored, Settings, categories
from components.evaluate.scores.intervals import grouped_mean_interval, wilson
from components.prompts.choice import LETTERS


def score(items: pd.DataFrame, settings: Settings) -> Scored:
    """Accuracy, circular too where items are rotations of one question. An unreadable answer is wrong."""
    options = items["prompt"].map(count_options).to_numpy()
    asked = zip(items["response"], options, strict=True)
    parsed = [parse_letter(response, LETTERS[:count]) for response, count in asked]
    right = np.array(
        [letter == wanted.strip() for letter, wanted in zip(parsed, items["reference"], strict=True)],
        dtype=float,
    )
    is_rotated = bool((items["group"] != "").any())
    figures = [
        _accuracy(items, parsed, right, options, settings, is_rotated),
        _share("parse_rate", sum(letter is not None for letter in parsed), len(items), settings),
    ]
    if is_rotated:
        figures.insert(0, _circular(items, right, options, settings))
    return Scored(parsed, right.tolist(), figures, "accuracy")


def _accuracy(
    items: pd.DataFrame,
    parsed: list[str | None],
    right: np.ndarray,
    options: np.ndarray,
    settings: Settings,
    is_rotated: bool,
) -> Figure:
    low, high = wilson(int(right.sum()), len(right), settings)
    if is_rotated:
        low, high = grouped_mean_interval(right.tolist(), items["group"].tolist(), settings)
    details: dict[str, Any] = {
        "chance": float(np.mean(1 / options)),
        "interval": "bootstrap over groups" if is_rotated else "Wilson",
        "categories": {name: _of_category(right[mask.to_numpy()], settings) for name, mask in categories(items)},
        "chosen": _histogram(parsed),
        "references": _histogram(items["reference"].tolist()),
    }
    return Figure("accuracy", float(right.mean()), low, high, len(right), details=details)


def _circular(items: pd.DataFrame, right: np.ndarray, options: np.ndarray, settings: Settings) -> Figure:
    """A group counts if all its rotations are right. A rotation is an item's place in its group."""
    table = pd.DataFrame({"group": items["group"].to_numpy(), "right": right, "chance": 1 / options})
    groups = table.groupby("group", sort=False).agg({"right": "min", "chance": "prod"})
    rotations = table.groupby(table.groupby("group").cumcount())["right"].mean()
    return _share(
        "circular_accuracy",
        int(groups["right"].sum()),
        len(groups),
        settings,
        details={
            "chance": float(groups["chance"].mean()),
            "rotations": {str(place + 1): float(value) for place, value in rotations.items()},
            "spread": float(rotations.max() - rotations.min()),
        },
    )


def _share(metric: str, right: int, n: int, settings: Settings, **more: Any) -> Figure:
    low, high = wilson(right, n, settings)
    return Figure(metric, right / n, low, high, n, **more)


def _of_category(right: np.ndarray, settings: Settings) -> dict[str, float | int | None]:
    low, high = wilson(int(right.sum()), len(right), settings)
    return {"value": float(right.mean()), "low": low, "high": high, "n": len(right)}


def _histogram(letters: list[str | None]) -> dict[str, int]:
    counts = pd.Series(["unreadable" if letter is None else letter for letter in letters]).value_counts()
    return {str(letter): int(counts[letter]) for letter in sorted(counts.index)}
