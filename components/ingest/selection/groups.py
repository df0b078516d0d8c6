"""Images that are the same, or nearly, as groups; and which images of benchmarks are among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from components.ingest.selection.catalogue import Images
from components.ingest.selection.near import bits_between, near_pairs

SAME_BYTES = -1


@dataclass(frozen=True)
class Groups:
    """Of training's images."""

    exact: np.ndarray
    """(images,) int: the same number for the same bytes."""
    near: np.ndarray
    """(images,) int: the same number for images that are near, or linked by a chain of near ones."""
    shown: pd.DataFrame
    """Columns image (of training), item (image of a benchmark that it shows), bits (between them; SAME_BYTES)."""


def group_images(training: Images, benchmarks: Images, distance: int) -> Groups:
    """Compare all images with each other. Plain ones only count as the same if their bytes are.

    Args:
        distance: bits in which near images differ at most.
    """
    exact = _number(np.concatenate((training.digest, benchmarks.digest)))
    plain = np.concatenate((training.plain, benchmarks.plain))
    looks, look = np.unique(np.concatenate((training.look, benchmarks.look)), axis=0, return_inverse=True)
    look = np.where(plain, -1, look.ravel())
    alike = near_pairs(looks, distance)
    images = pd.DataFrame({"image": np.arange(len(exact)), "exact": exact, "look": look})
    mine, theirs = images[: len(training)], images[len(training) :]
    return Groups(mine["exact"].to_numpy(), _components(mine, alike), _shown(mine, theirs, looks, alike))


def _number(values: np.ndarray) -> np.ndarray:
    """The same number for the same value."""
    return np.unique(values, return_inverse=True)[1].ravel()


def _components(images: pd.DataFrame, alike: np.ndarray) -> np.ndarray:
    """Groups of images that are linked by their bytes or looks. Images, bytes and looks are the nodes of a graph."""
    seeing = images[images["look"] >= 0]
    count = len(images)
    by_look = count + int(images["exact"].max() if count else -1) + 1
    links = np.concatenate(
        (
            np.stack((images["image"], images["exact"] + count), axis=1),
            np.stack((seeing["image"], seeing["look"] + by_look), axis=1),
            alike + by_look,
        )
    )
    size = int(links.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(links), dtype=bool), (links[:, 0], links[:, 1])), shape=(size, size))
    return connected_components(graph, directed=False)[1][:count]


def _shown(training: pd.DataFrame, benchmarks: pd.DataFrame, looks: np.ndarray, alike: np.ndarray) -> pd.DataFrame:
    """Matches between both, each with the fewest bits between them."""
    items = benchmarks.rename(columns={"image": "item"})
    items["item"] -= len(training)
    same = training.merge(items, on="exact")[["image", "item"]].assign(bits=SAME_BYTES)
    own = np.unique(items.loc[items["look"] >= 0, "look"])
    pairs = np.concatenate((np.stack((own, own), axis=1), alike, alike[:, ::-1]))
    pairs = pairs[np.isin(pairs[:, 0], own)]
    bits = bits_between(looks[pairs[:, 0]], looks[pairs[:, 1]])
    near = pd.DataFrame({"look": pairs[:, 0], "other": pairs[:, 1], "bits": bits})
    seen = items.merge(near, on="look").merge(training, left_on="other", right_on="look", suffixes=("_item", ""))
    found = pd.concat((same, seen[["image", "item", "bits"]]), ignore_index=True)
    return found.sort_values(["image", "item", "bits"], ignore_index=True).drop_duplicates(["image", "item"])
