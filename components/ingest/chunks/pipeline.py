"""A source's chunks, a few at a time, by all workers. What is finished is not done again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from components.cluster.workers import on_ray, spread
from components.ingest.chunks.progress import Progress
from components.ingest.chunks.work import Assignment, Chunk, Worked, cut, work_on


def work_through(assignment: Assignment, again: Collection[int] = ()) -> None:
    """Have every chunk of the source in its store, and the chunks ``again`` with their samples.

    Raises:
        SourceError: if the data set as a whole cannot be read.
        WorkerLost: if a worker was killed; finished chunks are kept.
    """
    store = assignment.store
    if store.chunks is not None and all(store.has_samples(number) for number in again):
        return
    last = -1
    with Progress(assignment) as progress:
        for worked in _work(assignment, frozenset(again)):
            last = max(last, worked.number)
            progress.add(worked)
    store.finish(last + 1)


def chunks_to_do(assignment: Assignment, again: frozenset[int]) -> Iterator[Chunk]:
    """Chunks that are not in the store yet; of the others, only that they are there."""
    store = assignment.store
    for chunk in cut(assignment):
        done = store.has_notes(chunk.number) and (chunk.number not in again or store.has_samples(chunk.number))
        yield Chunk(chunk.number, [], len(chunk.entries)) if done else chunk


def _work(assignment: Assignment, again: frozenset[int]) -> Iterator[Worked]:
    if on_ray():
        # Imported here: one machine does without.
        from components.ingest.chunks.on_ray import work_on_ray

        return work_on_ray(assignment, again)
    # Rows are read by this process, which hands on some chunks ahead of the workers.
    return spread(partial(work_on, assignment=assignment), chunks_to_do(assignment, again))
