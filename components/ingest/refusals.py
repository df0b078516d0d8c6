"""Rows that are not used, by their reasons; a source with too many of them stops the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from components.ingest.records import SourceError
from components.ingest.shards.parquet import open_parquet
from components.params.schema import Source

_REJECTS = pa.schema([("source", pa.string()), ("id", pa.string()), ("reason", pa.string())])
_SHOWN = 3


@dataclass(frozen=True)
class Fault:
    """A reason without what is particular to a row."""

    name: str
    count: int
    first_id: str
    first_reason: str


def refused(notes: pa.Table) -> pa.Table:
    """The rows that were refused: id and reason."""
    return notes.filter(pc.is_valid(notes["reason"])).select(["id", "reason"])


def faults(notes: pa.Table) -> list[Fault]:
    """Reasons for refusing, the commonest first."""
    rows = refused(notes)
    kinds = [reason.partition(":")[0] for reason in rows["reason"].to_pylist()]
    first = {kind: place for place, kind in reversed(list(enumerate(kinds)))}
    found = [
        Fault(kind, kinds.count(kind), rows["id"][place].as_py(), rows["reason"][place].as_py())
        for kind, place in first.items()
    ]
    return sorted(found, key=lambda fault: (-fault.count, fault.name))


def stop_if_unusable(source: Source, notes: pa.Table) -> None:
    """Raise SourceError if the source is empty, or more rows were refused than it allows."""
    if notes.num_rows == 0:
        raise SourceError(f"source {source.name}: {source.origin} holds no row for the reader {source.reader}")
    found = faults(notes)
    share = sum(fault.count for fault in found) / notes.num_rows
    if share <= source.max_rejected:
        return
    reasons = "; ".join(f"{fault.count:,} x {fault.name}" for fault in found[:_SHOWN])
    raise SourceError(
        f"source {source.name}: {share:.1%} of {notes.num_rows:,} rows refused, max_rejected is "
        f"{source.max_rejected:.1%}: {reasons} (first: row {found[0].first_id}, {found[0].first_reason}). "
        f"Mend the data, or raise max_rejected of this source in params.yaml"
    )


def write_rejects(path: Path, sources: Sequence[Source], notes: Sequence[pa.Table]) -> None:
    """rejects.parquet: source, id and reason of every refused row."""
    with open_parquet(path, _REJECTS) as writer:
        for source, table in zip(sources, notes, strict=True):
            rows = refused(table)
            names = pa.array([source.name] * rows.num_rows, pa.string())
            writer.write_table(pa.table([names, rows["id"], rows["reason"]], schema=_REJECTS))
