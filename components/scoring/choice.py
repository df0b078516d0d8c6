"""Lettered multiple choice. An answer in which no letter can be read is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from components.scoring.measure import COLUMNS, Measure, Scored, item_measure
from components.scoring.parsers.letter import parse_letter
from components.scoring.parsers.options import count_options
from components.scoring.settings import Settings

_LETTERS = "ABCDEF"


def score_choice(items: pd.DataFrame, settings: Settings) -> Scored:
    """Accuracy over all items."""
    parsed, right = _rate(items)
    return Scored(parsed, [_accuracy(items, parsed, right), _parse_rate(items, parsed)], right.tolist())


def score_rotated_choice(items: pd.DataFrame, settings: Settings) -> Scored:
    """Circular accuracy (MMBench, arXiv:2307.06281: a question counts if all its rotations are right), and the plain
    one over all rows, which other Korean tables give."""
    plain = score_choice(items, settings)
    return Scored(plain.parsed, [_circular(items, plain), *plain.measures], plain.item_scores)


def score_macro_choice(items: pd.DataFrame, settings: Settings) -> Scored:
    """The mean of the categories' accuracies, as lmms-eval averages MMStar, and the accuracy over all items."""
    plain = score_choice(items, settings)
    share = 1 / items.groupby("category")["item_id"].transform("size").to_numpy()
    right = np.array(plain.item_scores, dtype=float)
    details = {"chance": plain.measures[0].details["chance"]}
    macro = item_measure("macro_accuracy", items, right * share, share, details=details)
    return Scored(plain.parsed, [macro, *plain.measures], plain.item_scores)


def _rate(items: pd.DataFrame) -> tuple[list[str | None], np.ndarray]:
    asked = zip(items["response"], items["options"], _option_counts(items), strict=True)
    parsed = [parse_letter(response, _LETTERS[:count], options) for response, options, count in asked]
    wanted = zip(parsed, items["reference"], strict=True)
    return parsed, np.array([letter == reference.strip() for letter, reference in wanted], dtype=float)


def _option_counts(items: pd.DataFrame) -> list[int]:
    """By the options where they are known, else by what the question lists."""
    return [len(o) or count_options(prompt) for o, prompt in zip(items["options"], items["prompt"], strict=True)]


def _accuracy(items: pd.DataFrame, parsed: list[str | None], right: np.ndarray) -> Measure:
    details = {
        "chance": float(np.mean(1 / np.array(_option_counts(items)))),
        "chosen": _histogram(parsed),
        "references": _histogram(items["reference"].tolist()),
    }
    return item_measure("accuracy", items, right, details=details)


def _parse_rate(items: pd.DataFrame, parsed: list[str | None]) -> Measure:
    return item_measure("parse_rate", items, [letter is not None for letter in parsed])


def _circular(items: pd.DataFrame, plain: Scored) -> Measure:
    """A unit is a question. A rotation is an item's place among those of its question."""
    table = pd.DataFrame(
        {
            "cluster": plain.measures[0].units["cluster"],
            "category": items["category"].to_numpy(),
            "right": plain.item_scores,
            "chance": 1 / np.array(_option_counts(items)),
        }
    )
    questions = table.groupby("cluster", sort=False).agg({"category": "first", "right": "min", "chance": "prod"})
    units = questions.reset_index().assign(below=1.0).rename(columns={"right": "above"})
    units["unit"] = units["cluster"]
    rotations = table.groupby(table.groupby("cluster").cumcount())["right"].mean()
    details: dict[str, Any] = {
        "chance": float(questions["chance"].mean()),
        "rotations": {str(place + 1): float(value) for place, value in rotations.items()},
        "spread": float(rotations.max() - rotations.min()),
    }
    return Measure("circular_accuracy", units[COLUMNS], details=details)


def _histogram(letters: list[str | None]) -> dict[str, int]:
    counts = pd.Series(["unreadable" if letter is None else letter for letter in letters]).value_counts()
    return {str(letter): int(counts[letter]) for letter in sorted(counts.index)}
