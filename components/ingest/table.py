"""Columns of the training shards, and of rows on their way there."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from components.ingest.records import Message, Record, Rejected, Sample, StoredImage

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
SHARD = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("images", pa.list_(IMAGE)),
        ("conversation", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
        ("licence", pa.string()),
        ("split_key", pa.string()),
        ("tokens", pa.int32()),
    ]
)
ROW = SHARD.append(pa.field("reason", pa.string()))
"""A shard's columns and, for a row that is refused, why."""


def to_row(entry: Record | Sample | Rejected) -> dict[str, Any]:
    """The entry as a row of ROW."""
    if isinstance(entry, Rejected):
        return {"id": entry.id, "source": entry.source, "reason": entry.reason}
    record, tokens = (entry.record, entry.tokens) if isinstance(entry, Sample) else (entry, None)
    return {
        "id": record.id,
        "source": record.source,
        "images": [{"bytes": image.data, "path": image.path} for image in record.images],
        "conversation": [{"role": turn.role, "content": turn.content} for turn in record.conversation],
        "licence": record.licence,
        "split_key": record.split_key,
        "tokens": tokens,
    }


def to_entry(row: dict[str, Any]) -> Record | Rejected:
    """What ``to_row`` made a row of."""
    if row["reason"] is not None:
        return Rejected(row["source"], row["id"], row["reason"])
    return Record(
        row["id"],
        row["source"],
        tuple(StoredImage(image["path"], image["bytes"]) for image in row["images"]),
        tuple(Message(turn["role"], turn["content"]) for turn in row["conversation"]),
        row["licence"],
        row["split_key"],
    )
