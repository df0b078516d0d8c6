"""Benchmarks in their published layouts -> one table of items each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray

from components.ingest.images import UnusableImage, normalise_image
from components.ingest.layouts import LAYOUTS
from components.ingest.layouts.item import Item
from components.ingest.records import SourceError, nfc
from components.ingest.shards import open_parquet
from components.ingest.table import IMAGE
from components.params.schema import BenchmarkSource

ITEMS = pa.schema(
    [
        ("item_id", pa.string()),
        ("image", IMAGE),
        ("prompt", pa.string()),
        ("reference", pa.string()),
        ("references", pa.list_(pa.string())),
        ("category", pa.string()),
        ("group", pa.string()),
        ("seen", pa.bool_()),
        ("layout", pa.string()),
        ("prompt_version", pa.string()),
    ]
)


def write_benchmarks(
    sources: Sequence[tuple[BenchmarkSource, Path]], image_side: int, folder: Path
) -> dict[str, list[str]]:
    """Write ``<folder>/<name>.parquet`` for each benchmark; gives the digests of its items' images.

    Raises:
        SourceError: if any item cannot be used: a benchmark is whole or it is not that benchmark.
    """
    folder.mkdir(parents=True, exist_ok=True)
    task = ray.remote(_build)
    tables = [task.remote(source, origin, image_side) for source, origin in sources]
    digests = {}
    for (source, _), pending in zip(sources, tables, strict=True):
        table = _result(pending)
        with open_parquet(folder / f"{source.name}.parquet", ITEMS) as writer:
            writer.write_table(table)
        images = table.column("image").to_pylist()
        digests[source.name] = ["" if image is None else image_digest(image["bytes"]) for image in images]
    return digests


def build_items(source: BenchmarkSource, origin: Path, image_side: int) -> pa.Table:
    """All items of a benchmark that lies in the folder ``origin``."""
    rows = [_row(item, source, image_side) for item in LAYOUTS[source.layout](origin)]
    if not rows:
        raise SourceError(f"benchmark {source.name}: {origin} holds no item in the layout {source.layout}")
    ids = [row["item_id"] for row in rows]
    twice = sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise SourceError(f"benchmark {source.name}: items with the same id: {', '.join(twice[:5])}")
    return pa.Table.from_pylist(rows, schema=ITEMS)


def image_digest(data: bytes) -> str:
    """A short digest of an encoded image, to find the same image elsewhere."""
    return hashlib.sha256(data).hexdigest()[:16]


def _build(source: BenchmarkSource, origin: Path, image_side: int) -> pa.Table | SourceError:
    try:
        return build_items(source, origin, image_side)
    except SourceError as error:
        return error  # Ray would wrap it in a traceback


def _result(pending: Any) -> pa.Table:
    table = ray.get(pending)
    if isinstance(table, SourceError):
        raise table
    return table


def _row(item: Item, source: BenchmarkSource, image_side: int) -> dict[str, Any]:
    image = None
    if item.image is not None:
        try:
            image = {"bytes": normalise_image(item.image.data, image_side), "path": item.image.path}
        except UnusableImage as reason:
            raise SourceError(f"benchmark {source.name}, item {item.item_id}: {reason}") from None
    if not item.references or not all(item.references) or not item.prompt:
        raise SourceError(f"benchmark {source.name}, item {item.item_id}: empty prompt or reference")
    return {
        "item_id": item.item_id,
        "image": image,
        "prompt": nfc(item.prompt),
        "reference": nfc(item.references[0]),
        "references": [nfc(reference) for reference in item.references],
        "category": nfc(item.category),
        "group": item.group,
        "seen": item.seen,
        "layout": source.layout,
        "prompt_version": item.prompt_version,
    }
