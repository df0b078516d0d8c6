"""A source's chunks through Ray Data: streamed, a few at a time, by all workers. What is finished is not done again."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import ray
from ray.data import DataContext, Datasource, ReadTask
from ray.data.block import BlockMetadata

from components.ingest.chunks.progress import Progress
from components.ingest.chunks.work import Assignment, Chunk, cut, work_on
from components.ingest.records import SourceError

_BLOCK_BYTES = 256 * 1024
"""About a chunk without images of its own, so that no worker is given many at once."""
_READ_CPUS, _CHECK_CPUS = 0.1, 0.9
"""Reading mostly waits for the disk. Different shares also keep Ray from joining both into one task."""
_CHUNK = pa.schema([("chunk", pa.binary())])


def work_through(assignment: Assignment, again: Collection[int] = ()) -> None:
    """Have every chunk of the source in its store, and the chunks ``again`` with their samples.

    Raises:
        SourceError: if the data set as a whole cannot be read.
    """
    store = assignment.store
    if store.chunks is not None and all(store.has_samples(number) for number in again):
        return
    _set_up_ray_data()
    chunks = ray.data.read_datasource(
        _Reading(assignment, frozenset(again)), num_cpus=_READ_CPUS, override_num_blocks=1
    )
    worked = chunks.map_batches(
        partial(_work, assignment=assignment), batch_format="pyarrow", batch_size=None, num_cpus=_CHECK_CPUS
    )
    progress, last = Progress(assignment.source.name), -1
    try:
        for table in worked.iter_batches(batch_size=None, batch_format="pyarrow"):
            for row in table.to_pylist():
                last = max(last, row["number"])
                progress.add(row["rows"], row["samples"])
    except ray.exceptions.RayError as error:
        cause = _source_error(error)
        if cause is None:
            raise
        raise cause from None
    store.finish(last + 1)


def _chunks_to_do(assignment: Assignment, again: frozenset[int]) -> Iterator[pa.Table]:
    """Chunks that are not in the store yet; of the others, only that they are there."""
    store = assignment.store
    for chunk in cut(assignment):
        done = store.has_notes(chunk.number) and (chunk.number not in again or store.has_samples(chunk.number))
        sent = Chunk(chunk.number, []) if done else chunk
        yield pa.Table.from_pylist([{"chunk": pickle.dumps(sent)}], schema=_CHUNK)


def _work(table: pa.Table, assignment: Assignment) -> pa.Table:
    rows = []
    for packed in table["chunk"].to_pylist():
        chunk: Chunk = pickle.loads(packed)
        samples = work_on(chunk, assignment) if chunk.entries else 0
        rows.append({"number": chunk.number, "rows": len(chunk.entries), "samples": samples})
    return pa.Table.from_pylist(rows)


class _Reading(Datasource):
    """A reader as something that Ray Data can read from: one task that streams."""

    def __init__(self, assignment: Assignment, again: frozenset[int]) -> None:
        super().__init__()
        self._assignment, self._again = assignment, again

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(self, parallelism: int, *arguments: Any, **options: Any) -> list[ReadTask]:
        metadata = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None)
        return [ReadTask(partial(_chunks_to_do, self._assignment, self._again), metadata, schema=_CHUNK)]


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
