"""One data set through reader and checks with Ray Data: streamed, in order, never all images in memory."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray
from ray.data import DataContext, Datasource, ReadTask
from ray.data.block import BlockMetadata

from components.ingest.checks import Rules, check
from components.ingest.readers import READERS
from components.ingest.records import Rejected, SourceError
from components.ingest.table import ROW, to_entry, to_row
from components.params.schema import Source

_ROWS_A_TABLE, _BLOCK_BYTES = 64, 4 * 1024**2
_READ_CPUS, _CHECK_CPUS = 0.1, 0.9
"""Reading mostly waits for the disk. Different shares also keep Ray from joining both into one task."""


def checked_rows(folder: Path, source: Source, rules: Rules) -> Iterator[dict[str, Any]]:
    """Every row of the data set in its order: ``reason`` is null for samples, and says why for refused rows.

    Raises:
        SourceError: if the data set as a whole cannot be read.
    """
    _set_up_ray_data()
    rows = ray.data.read_datasource(_Reading(folder, source), num_cpus=_READ_CPUS, override_num_blocks=1)
    checked = rows.map_batches(
        partial(check_table, rules=rules), batch_format="pyarrow", batch_size=None, num_cpus=_CHECK_CPUS
    )
    try:
        for table in checked.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield from table.to_pylist()
    except ray.exceptions.RayError as error:
        cause = _source_error(error)
        if cause is None:
            raise
        raise cause from None


def read_tables(folder: Path, source: Source) -> Iterator[pa.Table]:
    """What the source's reader yields, some rows a table."""
    entries = itertools.islice(READERS[source.reader](folder, source), source.limit)
    while chunk := list(itertools.islice(entries, _ROWS_A_TABLE)):
        yield pa.Table.from_pylist([to_row(entry) for entry in chunk], schema=ROW)


def check_table(table: pa.Table, rules: Rules) -> pa.Table:
    """A table of records in, the same rows checked out."""
    rows = []
    for row in table.to_pylist():
        entry = to_entry(row)
        rows.append(to_row(entry if isinstance(entry, Rejected) else check(entry, rules)))
    return pa.Table.from_pylist(rows, schema=ROW)


class _Reading(Datasource):
    """A reader as something that Ray Data can read from: one task that streams."""

    def __init__(self, folder: Path, source: Source) -> None:
        super().__init__()
        self._folder = folder
        self._source = source

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(self, parallelism: int, *arguments: Any, **options: Any) -> list[ReadTask]:
        metadata = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None)
        return [ReadTask(partial(read_tables, self._folder, self._source), metadata, schema=ROW)]


def _set_up_ray_data() -> None:
    context = DataContext.get_current()
    context.execution_options.preserve_order = True  # else a second run would give other bytes
    context.target_max_block_size = _BLOCK_BYTES
    context.enable_progress_bars = False
    # Reading is one process, whose size Ray would complain of; and it would say twice that bars are off.
    context.issue_detectors_config.high_memory_detector_config.detection_time_interval_s = -1
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    logging.getLogger("ray.data._internal.progress").setLevel(logging.ERROR)


def _source_error(error: BaseException | None) -> SourceError | None:
    """The reader's own error, which Ray wraps."""
    while error is not None:
        if isinstance(error, SourceError):
            return SourceError(str(getattr(error, "cause", error)))
        error = getattr(error, "cause", None) or error.__cause__
    return None
