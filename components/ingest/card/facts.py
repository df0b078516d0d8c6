"""What is said of each source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from components.ingest.card.measures import image_sides, languages, quantiles, token_lengths
from components.ingest.mixture import Part
from components.ingest.refusals import faults
from components.ingest.selection.select import REMOVED, Selection
from components.ingest.selection.split import SPLITS
from components.params.schema import Source

Facts = dict[str, Any]


def describe_sources(
    notes: Sequence[pa.Table],
    selection: Selection,
    removed: pd.DataFrame,
    mixtures: Mapping[str, Mapping[str, Part]],
) -> list[Facts]:
    """The card's entry for each source, examples aside.

    ``read`` is the sum of ``kept``, ``refused`` (faulty rows) and ``removed`` (duplicates and leaks).

    Args:
        notes: a table a source, refused rows included.
        removed: of the selection; columns source and why.
    """
    catalogue = selection.catalogue
    splits = catalogue.per_source(selection.split)
    return [
        {
            **_declared(source),
            **_rows(table, split, removed.loc[removed["source"] == source.name, "why"]),
            **_contents(samples, split, mixtures[source.stage][source.name]),
        }
        for source, table, samples, split in zip(catalogue.sources, notes, catalogue.notes, splits, strict=True)
    ]


def _declared(source: Source) -> Facts:
    keys = ("name", "stage", "origin", "reader", "licence")
    return {key: getattr(source, key) for key in keys}


def _rows(notes: pa.Table, split: np.ndarray, why_removed: pd.Series) -> Facts:
    found = faults(notes)
    return {
        "read": notes.num_rows,
        "kept": int((split != REMOVED).sum()),
        "refused": sum(fault.count for fault in found),
        "reasons": {fault.name: fault.count for fault in found},
        "first_refused": {fault.name: fault.first_id for fault in found},
        "removed": {str(why): int(count) for why, count in why_removed.value_counts().sort_index().items()},
    }


def _contents(notes: pa.Table, split: np.ndarray, part: Part) -> Facts:
    kept = split != REMOVED
    samples = _numbers(notes, split)[kept]
    splits = _splits(samples)
    return {
        "splits": splits,
        "tokens": token_lengths(samples["tokens"].to_numpy()),
        "turns": quantiles(samples["turns"].to_numpy()),
        "image_sides": image_sides(notes["images"].filter(pa.array(kept))),
        "languages": languages(samples["hangul"].to_numpy()),
        "mixture": _mixture(part, splits["train"]["tokens"]),
    }


def _numbers(notes: pa.Table, split: np.ndarray) -> pd.DataFrame:
    table = notes.select(["tokens", "bytes", "turns", "hangul"]).to_pandas()
    return table.assign(images=pc.list_value_length(notes["images"]).to_numpy(), split=split)


def _splits(samples: pd.DataFrame) -> dict[str, Facts]:
    """``bytes``: of images and text, about what shards take; ``mean_tokens``: None without samples."""
    groups = samples.groupby("split")
    columns = ["images", "tokens", "bytes", "turns"]
    sums = groups[columns].sum().assign(samples=groups.size()).reindex(range(len(SPLITS)), fill_value=0)
    entries = zip(SPLITS, sums[["samples", *columns]].astype(int).to_dict("records"), strict=True)
    return {name: {**counts, "mean_tokens": _mean(counts["tokens"], counts["samples"])} for name, counts in entries}


def _mean(total: int, count: int) -> float | None:
    return round(total / count, 1) if count else None


def _mixture(part: Part, train_tokens: int) -> dict[str, int]:
    """``tokens``: that an epoch shows, about, as it draws its samples by chance."""
    tokens = round(train_tokens * part.epoch / part.samples) if part.samples else 0
    return {"samples": part.samples, "epoch": part.epoch, "tokens": tokens}
