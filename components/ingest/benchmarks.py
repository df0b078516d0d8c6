"""Benchmarks in their published layouts -> one table of items each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from components.archives.files import Files
from components.benchmarks.catalogue import find_benchmark
from components.benchmarks.item import BenchmarkError, Item
from components.cluster.workers import spread
from components.ingest.checks.images import StoredImage, UnusableImage, store_image
from components.ingest.chunks.columns import IMAGE, NOTE, image_note, question_digest
from components.ingest.records import SourceError, nfc
from components.ingest.selection.catalogue import read_images
from components.ingest.selection.leaks import Items
from components.ingest.shards.parquet import open_parquet
from components.params.schema import BenchmarkSource

ITEMS = pa.schema(
    [
        ("item_id", pa.string()),
        ("image", IMAGE),
        ("prompt", pa.string()),
        ("reference", pa.string()),
        ("references", pa.list_(pa.string())),
        ("options", pa.list_(pa.string())),
        ("context", pa.string()),
        ("category", pa.string()),
        ("group", pa.string()),
        ("seen", pa.bool_()),
        ("layout", pa.string()),
        ("prompt_version", pa.string()),
    ]
)
_IMAGE_NOTE = NOTE.field("images").type.value_type


def write_benchmarks(sources: Sequence[tuple[BenchmarkSource, Files]], image_side: int, folder: Path) -> Items:
    """Write ``<folder>/<name>.parquet`` for each benchmark; gives what finds its items in training data.

    Raises:
        SourceError: if any item cannot be used: a benchmark is whole or it is not that benchmark.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = list(spread(partial(_build, image_side=image_side), sources))
    for (source, _), table in zip(sources, tables, strict=True):
        with open_parquet(folder / f"{source.name}.parquet", ITEMS) as writer:
            writer.write_table(table.select(ITEMS.names))
    return _items([source.name for source, _ in sources], tables)


def check_layouts(sources: Sequence[BenchmarkSource]) -> None:
    """Whether every benchmark's layout is known, before any data are fetched.

    Raises:
        SourceError: naming the benchmark and the known layouts.
    """
    for source in sources:
        try:
            find_benchmark(source.layout)
        except BenchmarkError as error:
            raise SourceError(f"benchmark {source.name} in params.yaml: {error}") from None


def build_items(source: BenchmarkSource, files: Files, image_side: int) -> pa.Table:
    """All items of a benchmark, with a column ``note`` for their images."""
    try:
        benchmark = find_benchmark(source.layout)
        rows = [_row(item, source, benchmark.prompt_version, image_side) for item in benchmark.read(files)]
    except BenchmarkError as error:
        raise SourceError(f"benchmark {source.name} ({source.origin}): {error}") from None
    if not rows:
        raise SourceError(f"benchmark {source.name}: {source.origin} holds no item in the layout {source.layout}")
    ids = [row["item_id"] for row in rows]
    twice = sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise SourceError(f"benchmark {source.name}: items with the same id: {', '.join(twice[:5])}")
    return pa.Table.from_pylist(rows, schema=ITEMS.append(pa.field("note", _IMAGE_NOTE)))


def _items(names: Sequence[str], tables: Sequence[pa.Table]) -> Items:
    columns = ["item_id", "prompt", "note"]
    schema = pa.schema([*(ITEMS.field(name) for name in columns[:2]), ("note", _IMAGE_NOTE)])
    together = pa.concat_tables([schema.empty_table(), *(table.select(columns) for table in tables)]).combine_chunks()
    notes = pa.array(together["note"].to_pylist(), _IMAGE_NOTE)
    pictured = np.flatnonzero(notes.is_valid().to_numpy(zero_copy_only=False))
    digests = b"".join(question_digest(prompt) for prompt in together["prompt"].to_pylist())
    return Items(
        benchmark=[name for name, table in zip(names, tables, strict=True) for _ in range(table.num_rows)],
        item=together["item_id"].to_pylist(),
        question=np.frombuffer(digests, dtype=np.uint64),
        images=read_images(notes.drop_null()),
        shown_in=pictured,
    )


def _build(benchmark: tuple[BenchmarkSource, Files], image_side: int) -> pa.Table:
    return build_items(*benchmark, image_side)


def _row(item: Item, source: BenchmarkSource, prompt_version: str, image_side: int) -> dict[str, Any]:
    if not item.references or not all(item.references) or not item.prompt:
        raise BenchmarkError(f"item {item.item_id}: empty prompt or reference")
    stored = _stored(item, image_side)
    return {
        "item_id": item.item_id,
        "image": {"bytes": stored.data, "path": item.image.name} if stored and item.image else None,
        "note": image_note(stored) if stored else None,
        "prompt": nfc(item.prompt),
        "reference": nfc(item.references[0]),
        "references": [nfc(reference) for reference in item.references],
        "options": [nfc(option) for option in item.options],
        "context": nfc(item.context),
        "category": nfc(item.category),
        "group": item.group,
        "seen": item.seen,
        "layout": source.layout,
        "prompt_version": prompt_version,
    }


def _stored(item: Item, image_side: int) -> StoredImage | None:
    if item.image is None:
        return None
    try:
        return store_image(item.image.data, image_side)
    except UnusableImage as reason:
        raise BenchmarkError(f"item {item.item_id}: {reason}") from None
