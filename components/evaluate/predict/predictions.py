"""The stored answers of a model to a benchmark, with how they came about."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.files.atomic import new_file
from components.stages.errors import Missing, Unusable

_KEY = b"provenance"
_SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("response", pa.string()),
        ("parsed", pa.string()),
        ("score", pa.float64()),
        ("category", pa.string()),
        ("seconds", pa.float64()),
        ("tokens", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Provenance:
    """What an answer depends on; a change in any of it asks for new answers."""

    items: str
    """Digest of the items as the model sees them."""
    prompt: str
    """Version of the wording."""
    decoding: str
    weights: str
    """Digest of the model's folder, or its commit on the hub."""
    precision: str
    system: str = ""
    """What the model is told before the question, where that is not left to its chat template."""


def write_predictions(file: Path, rows: pd.DataFrame, provenance: Provenance) -> None:
    """Write a Parquet file whole or not at all; columns that scoring fills may be missing."""
    complete = rows.reindex(columns=_SCHEMA.names)
    table = pa.Table.from_pandas(complete, schema=_SCHEMA, preserve_index=False)
    table = table.replace_schema_metadata({_KEY: json.dumps(asdict(provenance))})
    with new_file(file) as part:
        pq.write_table(table, part)


def read_predictions(file: Path) -> tuple[pd.DataFrame, Provenance]:
    """The rows and their provenance.

    Raises:
        Missing: if they were never made.
        Unusable: if the file does not say how they were made.
    """
    if not file.is_file():
        raise Missing(f"no answers in {file}: run `dvc repro evaluate`, without --score-only")
    table = pq.read_table(file)
    stored = (table.schema.metadata or {}).get(_KEY)
    try:
        return table.to_pandas(), Provenance(**json.loads(stored or b"{}"))
    except (TypeError, ValueError):
        raise Unusable(f"{file}: no provenance in its metadata; run `dvc repro evaluate` to make it anew") from None
