"""What samples have in common with each other and with benchmarks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from components.ingest.selection.select import REMOVED, Selection
from components.ingest.selection.split import SPLITS


def describe_duplicates(selection: Selection, removed: pd.DataFrame) -> dict[str, int]:
    """Samples that repeat an earlier one exactly or nearly, and how many were removed as duplicates.

    Args:
        removed: of the selection; column why.
    """
    kinds = selection.duplicates.repeats["kind"].value_counts()
    return {
        "exact": int(kinds.get("exact", 0)),
        "near": int(kinds.get("near", 0)),
        "removed": int(removed["why"].str.startswith("duplicate").sum()),
    }


def describe_benchmarks(selection: Selection) -> list[dict[str, Any]]:
    """Size of each benchmark, and how many of its items still show an image of the train split."""
    found = _found(selection)
    in_training = found[found["kind"].str.endswith("image") & (found["split"] == SPLITS.index("train"))]
    still = in_training.groupby("benchmark")["item"].nunique()
    return [
        {"name": name, "items": count, "images_also_in_training": int(still.get(name, 0))}
        for name, count in _sizes(selection).items()
    ]


def describe_leaks(selection: Selection) -> list[dict[str, Any]]:
    """What of each benchmark was found among the samples of all splits, before anything was removed.

    ``same_image``, ``near_image``, ``same_question``: its items (near ones without the same; questions of items without
    an image); ``samples``: those that show or ask them, and how many of these were ``removed``;
    ``questions_also_in_training``: items whose question is asked about other images, for which nothing is removed.
    """
    found = _found(selection)
    benchmark = np.array(selection.items.benchmark, dtype=object)
    asked = pd.Series(benchmark[selection.leaks.same_questions]).value_counts()
    return [
        {
            "benchmark": name,
            "items": count,
            **_leaks(found[found["benchmark"] == name]),
            "questions_also_in_training": int(asked.get(name, 0)),
        }
        for name, count in _sizes(selection).items()
    ]


def _sizes(selection: Selection) -> dict[str, int]:
    names = pd.Series(selection.items.benchmark, dtype=object)
    return {str(name): int(count) for name, count in names.value_counts(sort=False).items()}


def _found(selection: Selection) -> pd.DataFrame:
    """Every match: sample and its split, item, kind, benchmark."""
    found = selection.leaks.found
    benchmark = np.array(selection.items.benchmark, dtype=object)
    return pd.DataFrame(
        {
            "sample": found["sample"],
            "split": selection.split[found["sample"].to_numpy(np.int64)],
            "item": found["item"],
            "kind": found["kind"].astype(str),
            "benchmark": benchmark[found["item"].to_numpy(np.int64)],
        }
    )


def _leaks(found: pd.DataFrame) -> dict[str, int]:
    same, near, question = (
        set(found.loc[found["kind"] == kind, "item"]) for kind in ("same image", "near image", "same question")
    )
    return {
        "same_image": len(same),
        "near_image": len(near - same),
        "same_question": len(question),
        "samples": found["sample"].nunique(),
        "removed": found.loc[found["split"] == REMOVED, "sample"].nunique(),
    }
