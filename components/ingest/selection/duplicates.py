"""Samples that stand in the data more than once, within a source or in several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from components.ingest.selection.catalogue import Catalogue
from components.ingest.selection.groups import Groups

_ODD = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio: multiplying by it spreads numbers that follow each other (Knuth)."""


@dataclass(frozen=True)
class Duplicates:
    """What was found, and what is to be removed."""

    repeats: pd.DataFrame
    """Samples whose images and words stand in an earlier sample: sample, first (that sample), kind (exact or near)."""
    removed: np.ndarray
    """(samples,) bool."""
    shared: pd.DataFrame
    """Groups of images that two sources share: source, earlier, images; a source with itself: those it shows again."""


def find_duplicates(
    catalogue: Catalogue, groups: Groups, remove: Literal["nothing", "samples", "images"]
) -> Duplicates:
    """Earlier sources, and earlier samples of a source, are the ones that stay; stages are looked at apart."""
    exact_first = _first(_keys(catalogue, groups.exact))
    near_first = _first(_keys(catalogue, groups.near))
    samples = np.arange(len(catalogue))
    again = np.flatnonzero(near_first != samples)
    is_exact = exact_first[again] != again
    repeats = pd.DataFrame(
        {
            "sample": again,
            "first": np.where(is_exact, exact_first[again], near_first[again]),
            "kind": np.where(is_exact, "exact", "near"),
        }
    )
    removed = np.zeros(len(catalogue), dtype=bool)
    if remove == "samples":
        removed[again] = True
    elif remove == "images":
        removed[again] = True
        removed[_with_earlier_images(catalogue, groups)] = True
    return Duplicates(repeats, removed, _shared(catalogue, groups))


def _keys(catalogue: Catalogue, numbers: np.ndarray) -> np.ndarray:
    """A key of 128 bits for each sample's stage, images (by their numbers, in order) and words."""
    position = np.arange(len(numbers)) - np.searchsorted(catalogue.owner, catalogue.owner)
    spread = (numbers.astype(np.uint64) + np.uint64(1)) * _ODD * (2 * position.astype(np.uint64) + np.uint64(1))
    images = np.zeros(len(catalogue), dtype=np.uint64)
    np.add.at(images, catalogue.owner, spread ^ (spread >> np.uint64(29)))
    keys = np.empty(len(catalogue), dtype=[("text", np.uint64), ("images", np.uint64)])
    keys["text"], keys["images"] = catalogue.text, images * np.uint64(2) + catalogue.stage
    return keys


def _first(keys: np.ndarray) -> np.ndarray:
    """For each sample the first one with its key."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return first[inverse.ravel()]


def _with_earlier_images(catalogue: Catalogue, groups: Groups) -> np.ndarray:
    """Samples with an image that an earlier sample of their stage has."""
    images = pd.DataFrame({"group": groups.near, "stage": catalogue.stage[catalogue.owner], "sample": catalogue.owner})
    first = images.groupby(["group", "stage"])["sample"].transform("min")
    return images.loc[first < images["sample"], "sample"].unique()


def _shared(catalogue: Catalogue, groups: Groups) -> pd.DataFrame:
    source = catalogue.source[catalogue.owner]
    images = pd.DataFrame({"group": groups.near, "source": source, "sample": catalogue.owner}).drop_duplicates()
    shown = images.groupby(["group", "source"]).size().rename("times").reset_index()
    pairs = shown.merge(shown, on="group", suffixes=("", "_earlier"))
    within = (pairs["source"] == pairs["source_earlier"]) & (pairs["times"] > 1)
    wanted = pairs[within | (pairs["source_earlier"] < pairs["source"])]
    counts = wanted.groupby(["source", "source_earlier"]).size().rename("images").reset_index()
    names = np.array([source.name for source in catalogue.sources])
    return pd.DataFrame(
        {
            "source": names[counts["source"]],
            "earlier": names[counts["source_earlier"]],
            "images": counts["images"],
        }
    )
