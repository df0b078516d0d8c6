"""A source's chunks through Ray Data: read by one machine of the cluster, streamed to all."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

import pyarrow as pa
import ray
from ray.data import DataContext, Datasource, ReadTask
from ray.data.block import BlockMetadata

from components.ingest.chunks.pipeline import chunks_to_do
from components.ingest.chunks.work import Assignment, Worked, work_on
from components.ingest.records import SourceError

_BLOCK_BYTES = 256 * 1024
"""About a chunk without images of its own, so that no worker is given many at once."""
_READ_CPUS, _CHECK_CPUS = 0.1, 0.9
"""Reading mostly waits for the disk. Different shares also keep Ray from joining both into one task."""
_CHUNK = pa.schema([("chunk", pa.binary())])


def work_on_ray(assignment: Assignment, again: frozenset[int]) -> Iterator[Worked]:
    """What was done of each chunk, as it is done."""
    _set_up_ray_data()
    chunks = ray.data.read_datasource(_Reading(assignment, again), num_cpus=_READ_CPUS, override_num_blocks=1)
    worked = chunks.map_batches(
        partial(_work, assignment=assignment), batch_format="pyarrow", batch_size=None, num_cpus=_CHECK_CPUS
    )
    try:
        for table in worked.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield from (Worked(**row) for row in table.to_pylist())
    except ray.exceptions.RayError as error:
        cause = _source_error(error)
        if cause is None:
            raise
        raise cause from None


def _packed(assignment: Assignment, again: frozenset[int]) -> Iterator[pa.Table]:
    for chunk in chunks_to_do(assignment, again):
        yield pa.Table.from_pylist([{"chunk": pickle.dumps(chunk)}], schema=_CHUNK)


def _work(table: pa.Table, assignment: Assignment) -> pa.Table:
    chunks = (pickle.loads(packed) for packed in table["chunk"].to_pylist())
    return pa.Table.from_pylist([asdict(work_on(chunk, assignment)) for chunk in chunks])


class _Reading(Datasource):
    """A reader as something that Ray Data can read from: one task that streams."""

    def __init__(self, assignment: Assignment, again: frozenset[int]) -> None:
        super().__init__()
        self._assignment, self._again = assignment, again

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(self, parallelism: int, *arguments: Any, **options: Any) -> list[ReadTask]:
        metadata = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None)
        return [ReadTask(partial(_packed, self._assignment, self._again), metadata, schema=_CHUNK)]


def _set_up_ray_data() -> None:
    context = DataContext.get_current()
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
