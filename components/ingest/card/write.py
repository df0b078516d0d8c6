"""The card's files: card.json, card.md, mixture.png and examples/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from components.files.atomic import write_json, write_text
from components.ingest.card.comparisons import describe_benchmarks, describe_duplicates, describe_leaks
from components.ingest.card.examples import write_examples
from components.ingest.card.facts import describe_sources
from components.ingest.card.markdown import card_text
from components.ingest.card.pictures import draw_mixture
from components.ingest.card.shares import describe_mixture
from components.ingest.licences import Licence
from components.ingest.mixture import Part
from components.ingest.selection.select import Selection
from components.params.schema import Source

MIXTURE_PICTURE = "mixture.png"


def write_card(
    folder: Path,
    profile: str,
    notes: Sequence[pa.Table],
    selection: Selection,
    mixtures: Mapping[str, Mapping[str, Part]],
    licences: Mapping[str, Licence],
) -> None:
    """Write the card beside the shards that it describes; the same data give the same bytes.

    Args:
        folder: holds ``shards/<stage>/<split>/<source>-00000.parquet`` and on, from which the examples are taken.
        notes: a table a source, in the selection's order, refused rows included.
        mixtures: by stage and source, what an epoch shows.
        licences: by the names that the sources give.
    """
    card = _describe(profile, notes, selection, mixtures, licences)
    for source, entry in zip(selection.catalogue.sources, card["sources"], strict=True):
        entry["examples"] = write_examples(_first_shard(folder, source), source.name, folder)
    draw_mixture(card["mixture"], folder / MIXTURE_PICTURE)
    write_json(folder / "card.json", card)
    write_text(folder / "card.md", card_text(card, MIXTURE_PICTURE))


def _describe(
    profile: str,
    notes: Sequence[pa.Table],
    selection: Selection,
    mixtures: Mapping[str, Mapping[str, Part]],
    licences: Mapping[str, Licence],
) -> dict[str, Any]:
    removed = selection.removed()
    sources = describe_sources(notes, selection, removed, mixtures)
    return {
        "profile": profile,
        "sources": sources,
        "mixture": describe_mixture(sources, list(mixtures)),
        "duplicates": describe_duplicates(selection, removed),
        "shared_images": selection.duplicates.shared.to_dict("records"),
        "benchmarks": describe_benchmarks(selection),
        "leaks": describe_leaks(selection),
        "licences": {name: licence.model_dump() for name, licence in licences.items()},
    }


def _first_shard(folder: Path, source: Source) -> Path:
    return folder / "shards" / source.stage / "train" / f"{source.name}-00000.parquet"
