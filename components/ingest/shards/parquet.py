"""How Parquet files are written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.chunks.columns import SHARD

_ROWS_A_GROUP = 200
_IMAGES = "images.list.element"
_TEXT = "conversation.list.element"
_COMPRESSED = ("id", "source", f"{_IMAGES}.path", f"{_TEXT}.role", f"{_TEXT}.content", "licence", "split_key", "tokens")
_COMPRESSION = {**dict.fromkeys(_COMPRESSED, "snappy"), f"{_IMAGES}.bytes": "none"}
"""By column: images are compressed already."""


def write_rows(path: Path, tables: Iterable[pa.Table]) -> None:
    """Tables of SHARD into a Parquet file, in row groups of a fixed size."""
    with open_parquet(path, SHARD, _COMPRESSION) as writer:
        waiting = SHARD.empty_table()
        for table in tables:
            waiting = pa.concat_tables((waiting, table))
            while waiting.num_rows >= _ROWS_A_GROUP:
                writer.write_table(waiting.slice(0, _ROWS_A_GROUP))
                waiting = waiting.slice(_ROWS_A_GROUP)
        if waiting.num_rows:
            writer.write_table(waiting)


def open_parquet(path: Path, schema: pa.Schema, compression: str | dict[str, str] = "snappy") -> pq.ParquetWriter:
    """A Parquet file without statistics and dictionaries over images' bytes, which would double them."""
    plain = [name for name in schema.names if pa.types.is_string(schema.field(name).type)]
    return pq.ParquetWriter(path, schema, compression=compression, use_dictionary=plain, write_statistics=plain)


def write_table(path: Path, table: pd.DataFrame, schema: pa.Schema | None = None) -> None:
    """A small table; of texts, where no schema is given."""
    schema = schema or pa.schema([(name, pa.string()) for name in table.columns])
    with open_parquet(path, schema) as writer:
        writer.write_table(pa.Table.from_pandas(table, schema=schema, preserve_index=False))
