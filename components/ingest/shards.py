"""Shards: Parquet files with the encoded images inside, the same bytes for the same rows."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.split import SPLITS, SplitName
from components.ingest.table import SHARD

_ROWS_A_GROUP = 200


class ShardWriter:
    """Writes one source's samples of one stage: ``<folder>/<split>/<source>-00000.parquet`` and on."""

    def __init__(self, folder: Path, source: str, rows_per_shard: int) -> None:
        self._splits = {split: _Series(folder / split, source, rows_per_shard) for split in SPLITS}

    def add(self, split: SplitName, row: dict[str, Any]) -> None:
        """Append a sample."""
        self._splits[split].add(row)

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for series in self._splits.values():
            series.close()


class _Series:
    """Shards of one split. Rows are written in groups of a fixed size, however they arrive."""

    def __init__(self, folder: Path, source: str, rows_per_shard: int) -> None:
        self._folder, self._source, self._rows_per_shard = folder, source, rows_per_shard
        self._waiting: list[dict[str, Any]] = []
        self._writer: pq.ParquetWriter | None = None
        self._shards = self._rows_in_shard = 0
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, row: dict[str, Any]) -> None:
        self._waiting.append(row)
        self._rows_in_shard += 1
        if self._rows_in_shard == self._rows_per_shard:
            self.close()
        elif len(self._waiting) == _ROWS_A_GROUP:
            self._write()

    def close(self) -> None:
        """Finish the shard; the next row begins another."""
        if self._waiting:
            self._write()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
            self._shards += 1
        self._rows_in_shard = 0

    def _write(self) -> None:
        if self._writer is None:
            self._writer = open_parquet(self._folder / f"{self._source}-{self._shards:05d}.parquet", SHARD)
        self._writer.write_table(pa.Table.from_pylist(self._waiting, schema=SHARD))
        self._waiting = []


def open_parquet(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet file without statistics and dictionaries over the images' bytes, which would double them."""
    plain = [name for name in schema.names if pa.types.is_string(schema.field(name).type)]
    return pq.ParquetWriter(path, schema, compression="snappy", use_dictionary=plain, write_statistics=plain)
