"""All decisions over all sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from components.ingest.selection.catalogue import Catalogue, make_catalogue
from components.ingest.selection.duplicates import Duplicates, find_duplicates
from components.ingest.selection.groups import group_images
from components.ingest.selection.leaks import Items, Leaks, find_leaks
from components.ingest.selection.split import SPLITS, assign, split_keys
from components.params.schema import Ingest

REMOVED = -1


@dataclass(frozen=True)
class Selection:
    """What becomes of each sample."""

    catalogue: Catalogue
    keys: list[str]
    """(samples,) split keys."""
    split: np.ndarray
    """(samples,) place in SPLITS; REMOVED for duplicates and leaks that are removed."""
    duplicates: Duplicates
    leaks: Leaks
    removes_leaks: bool
    items: Items

    def removed(self) -> pd.DataFrame:
        """Every removed sample: source, id, why, of (the sample or benchmark item that it repeats)."""
        names = self._names()
        leaks = self.leaks.found.drop_duplicates("sample") if self.removes_leaks else self.leaks.found.head(0)
        benchmark = [f"{self.items.benchmark[item]}/{self.items.item[item]}" for item in leaks["item"]]
        repeats = self.duplicates.repeats
        reasons = pd.concat(
            (
                pd.DataFrame({"sample": leaks["sample"], "why": "leak: " + leaks["kind"], "of": benchmark}),
                pd.DataFrame(
                    {
                        "sample": repeats["sample"],
                        "why": "duplicate: " + repeats["kind"],
                        "of": names[repeats["first"].to_numpy()],
                    }
                ),
                pd.DataFrame({"sample": np.arange(len(self.split)), "why": "duplicate: image", "of": ""}),
            ),
            ignore_index=True,
        ).drop_duplicates("sample")
        chosen = reasons[self.split[reasons["sample"]] == REMOVED].sort_values("sample")
        ids = self.catalogue.strings("id")[chosen["sample"]]
        sources = np.array([source.name for source in self.catalogue.sources])
        return pd.DataFrame(
            {
                "source": sources[self.catalogue.source[chosen["sample"]]],
                "id": ids,
                "why": chosen["why"],
                "of": chosen["of"],
            }
        )

    def _names(self) -> np.ndarray:
        sources = np.array([source.name for source in self.catalogue.sources], dtype=object)
        return sources[self.catalogue.source] + "/" + self.catalogue.strings("id").astype(object)


def select(notes: Sequence[pa.Table], items: Items, ingest: Ingest) -> Selection:
    """Find duplicates and leaks among the samples of all sources, and give the others their splits."""
    catalogue = make_catalogue(ingest.sources, notes)
    groups = group_images(catalogue.images, items.images, ingest.duplicates.distance)
    duplicates = find_duplicates(catalogue, groups, ingest.duplicates.remove)
    leaks = find_leaks(catalogue, groups, items)
    keys = split_keys(catalogue, groups)
    split = np.array([SPLITS.index(assign(key, ingest.split)) for key in keys], dtype=np.int8)
    split[duplicates.removed] = REMOVED
    if ingest.remove_leaks:
        split[leaks.found["sample"]] = REMOVED
    return Selection(catalogue, keys, split, duplicates, leaks, ingest.remove_leaks, items)
