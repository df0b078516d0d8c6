"""Which split a sample belongs to. Its images alone decide, so that no image stands in two splits."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from components.ingest.selection.catalogue import Catalogue
from components.ingest.selection.groups import Groups
from components.params.schema import Split

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
_DIGEST = re.compile(r"[0-9a-f]{16,64}")


def assign(key: str, split: Split) -> SplitName:
    """The split of a hexadecimal key: its first two digits, as a share of 256, against the shares wanted."""
    place = int(key[:2], 16) / 256
    if place < split.validation:
        return "validation"
    return "test" if place < split.validation + split.test else "train"


def split_keys(catalogue: Catalogue, groups: Groups) -> list[str]:
    """A hexadecimal key for each sample: from its image's name where the source declares how; else that of the first
    sample that is linked to it by its images, which may have a name or be known by its image's bytes. Text-only samples
    go by their words.

    The first one's key, as it does not change when a source is added after the others.
    """
    named = catalogue.strings("split_key")
    leaders = _leaders(catalogue, groups, named)
    first_image = np.searchsorted(catalogue.owner, np.arange(len(catalogue)))
    return [
        name_key(named[sample]) if named[sample] else _content_key(catalogue, named, leader, first_image[leader])
        for sample, leader in enumerate(leaders)
    ]


def name_key(name: str) -> str:
    """Names that are no digests (numbers, words) are hashed: running numbers all begin with the same digits."""
    return name if _DIGEST.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()


def _leaders(catalogue: Catalogue, groups: Groups, named: np.ndarray) -> np.ndarray:
    """For each sample the first of all that share images with it; of those with a named key, if there are any."""
    count = len(catalogue)
    size = count + int(groups.near.max(initial=-1)) + 1
    links = (np.ones(len(catalogue.owner), dtype=bool), (catalogue.owner, groups.near + count))
    together = connected_components(coo_array(links, shape=(size, size)), directed=False)[1][:count]
    order = np.argsort(named == "", kind="stable")
    _, first = np.unique(together[order], return_index=True)
    return order[first][np.unique(together, return_inverse=True)[1].ravel()]


def _content_key(catalogue: Catalogue, named: np.ndarray, leader: int, image: int) -> str:
    if named[leader]:
        return name_key(named[leader])
    if image < len(catalogue.owner) and catalogue.owner[image] == leader:
        return catalogue.images.digest[image].tobytes().hex()
    return hashlib.sha256(catalogue.text[leader].tobytes()).hexdigest()
