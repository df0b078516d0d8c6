"""Which items of benchmarks show images that training shows, too: what evaluation reports beside a score."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.selection.select import Selection
from components.ingest.selection.split import SPLITS
from components.params.schema import BenchmarkSource

OVERLAP = pa.schema(
    [
        ("benchmark", pa.string()),
        ("item_id", pa.string()),
        ("kind", pa.string()),
        ("bits", pa.int32()),
        ("found", pa.int64()),
        ("training", pa.int64()),
    ]
)
_SAME_ID = "same id"


def find_overlap(
    selection: Selection, benchmarks: Sequence[BenchmarkSource], items: Path, shards: Path
) -> pd.DataFrame:
    """One row an item and kind of likeness: by bytes, by looks, by question (text-only items), by the image's id.

    ``found`` counts the samples that the data held, ``training`` those that training still draws from; ``bits`` are
    those in which the most alike image differs, or -1.

    Args:
        selection: of all samples.
        benchmarks: as declared; those with ``image_id`` are compared by it, too.
        items: folder with their items.
        shards: folder with ``<stage>/train/*.parquet``.
    """
    tables = [_by_content(selection), *_by_id(benchmarks, items, shards)]
    return pd.concat(tables, ignore_index=True).sort_values(OVERLAP.names[:3], ignore_index=True)[OVERLAP.names]


def _by_content(selection: Selection) -> pd.DataFrame:
    found = selection.leaks.found.drop_duplicates(["sample", "item", "kind"])
    found = found.assign(training=selection.split[found["sample"].to_numpy(dtype=int)] == SPLITS.index("train"))
    rows = found.groupby(["item", "kind"], as_index=False).agg(
        bits=("bits", "min"), found=("sample", "size"), training=("training", "sum")
    )
    items = selection.items
    names = {
        "benchmark": [items.benchmark[item] for item in rows["item"]],
        "item_id": [items.item[item] for item in rows["item"]],
    }
    return rows.assign(**names)


def _by_id(benchmarks: Sequence[BenchmarkSource], items: Path, shards: Path) -> Iterator[pd.DataFrame]:
    for benchmark in benchmarks:
        if benchmark.image_id:
            pattern = re.compile(benchmark.image_id)
            table = pq.read_table(items / f"{benchmark.name}.parquet", columns=["item_id", "image.path"]).flatten()
            asked = pd.DataFrame({"item_id": table[0].to_pylist(), "id": _ids(pattern, table[1].to_pylist())})
            counts = pd.Series(list(_training_ids(pattern, shards)), dtype=object).value_counts()
            shared = asked[asked["id"].isin(counts.index)]
            times = counts.reindex(shared["id"]).to_numpy(dtype=int)
            row = {"benchmark": benchmark.name, "kind": _SAME_ID, "bits": -1, "found": times, "training": times}
            yield shared.assign(**row)


def _training_ids(pattern: re.Pattern[str], shards: Path) -> Iterator[str]:
    """Ids of the images that training shows; only their names are read."""
    for file in sorted(shards.glob("*/train/*.parquet")):
        for batch in pq.ParquetFile(file).iter_batches(columns=["images.list.element.path"]):
            yield from filter(None, _ids(pattern, batch.column(0).flatten().field("path").to_pylist()))


def _ids(pattern: re.Pattern[str], names: Sequence[str | None]) -> list[str | None]:
    found = [pattern.search(name or "") for name in names]
    return [match.group(1) if match else None for match in found]
