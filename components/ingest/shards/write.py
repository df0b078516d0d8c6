"""Shards gathered from chunks, by all workers; those that are there already are not written again."""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from components.cluster.workers import spread
from components.ingest.chunks.columns import SHARD
from components.ingest.chunks.pipeline import work_through
from components.ingest.chunks.store import ChunkStore
from components.ingest.chunks.work import Assignment
from components.ingest.shards.parquet import write_rows
from components.ingest.shards.plan import ShardPlan


def write_shards(plans: Sequence[ShardPlan], assignment: Assignment, folder: Path) -> list[Path]:
    """Have a source's shards in a folder, each named by its content; chunks whose samples were dropped are worked on
    again where a shard needs them."""
    paths = [folder / f"{plan.name}.parquet" for plan in plans]
    missing = [(plan, path) for plan, path in zip(plans, paths, strict=True) if not path.is_file()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        needed = {int(chunk) for plan, _ in missing for chunk in np.unique(plan.chunks)}
        work_through(assignment, again=needed)
        deque(spread(partial(write_shard, store=assignment.store), missing), maxlen=0)
    return paths


def write_shard(wanted: tuple[ShardPlan, Path], store: ChunkStore) -> None:
    """One shard into its file, whole or not at all."""
    plan, target = wanted
    part = target.with_name(f".{target.name}.{os.getpid()}.part")  # a killed run's workers may still be at it
    write_rows(part, _gather(plan, store))
    os.replace(part, target)


def place_shards(plans: Sequence[ShardPlan], paths: Sequence[Path], source: str, folder: Path) -> None:
    """``<folder>/<split>/<source>-00000.parquet`` and on: the same files under a second name, without copying."""
    counts: dict[str, int] = {}
    for plan, path in zip(plans, paths, strict=True):
        number = counts.get(plan.split, 0)
        counts[plan.split] = number + 1
        target = folder / plan.split / f"{source}-{number:05d}.parquet"
        try:
            os.link(path, target)
        except OSError:  # another file system, or one without links
            shutil.copyfile(path, target)


def _gather(plan: ShardPlan, store: ChunkStore) -> Iterator[pa.Table]:
    chunks, begins = np.unique(plan.chunks, return_index=True)
    column = SHARD.get_field_index("split_key")
    for chunk, begin, end in zip(chunks, begins, [*begins[1:], len(plan.chunks)], strict=True):
        rows = store.samples(int(chunk)).take(pa.array(plan.places[begin:end]))
        yield rows.set_column(column, SHARD.field(column), pa.array(plan.keys[begin:end], pa.string()))
