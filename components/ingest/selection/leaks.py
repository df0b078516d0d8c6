"""Training samples that show a benchmark's image, or ask what it asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from components.ingest.selection.catalogue import Catalogue, Images
from components.ingest.selection.groups import SAME_BYTES, Groups


@dataclass(frozen=True)
class Items:
    """The items of all benchmarks."""

    benchmark: list[str]
    item: list[str]
    question: np.ndarray
    """(items,) uint64, digest of the prompt."""
    images: Images
    shown_in: np.ndarray
    """(images,) place of the item that an image belongs to."""


@dataclass(frozen=True)
class Leaks:
    """What was found."""

    found: pd.DataFrame
    """sample, item, kind (same image, near image, same question), bits (between the images; SAME_BYTES if none)."""
    same_questions: np.ndarray
    """Items with an image whose question training asks too, about other images. Nothing is removed for that: questions
    like 'What is this?' are asked of everything."""


def find_leaks(catalogue: Catalogue, groups: Groups, items: Items) -> Leaks:
    """Compare by image; items without an image, by their question."""
    by_image = pd.DataFrame(
        {
            "sample": catalogue.owner[groups.shown["image"]],
            "item": items.shown_in[groups.shown["item"]],
            "kind": np.where(groups.shown["bits"] == SAME_BYTES, "same image", "near image"),
            "bits": groups.shown["bits"],
        }
    )
    asked = pd.DataFrame({"sample": catalogue.asked_by, "question": catalogue.questions}).drop_duplicates()
    wanted = pd.DataFrame({"item": np.arange(len(items.item)), "question": items.question})
    pictured = wanted["item"].isin(items.shown_in)
    by_question = asked.merge(wanted[~pictured], on="question")[["sample", "item"]]
    found = pd.concat(
        (by_image, by_question.assign(kind="same question", bits=SAME_BYTES)),
        ignore_index=True,
    ).sort_values(["sample", "item", "bits"], ignore_index=True)
    also = wanted.loc[pictured & wanted["question"].isin(asked["question"]), "item"].to_numpy()
    return Leaks(found, also)
