"""A source's finished chunks on disk: two Arrow files each, written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from components.files.atomic import write_json
from components.ingest.checks.check import Sample
from components.ingest.chunks.columns import NOTE, SHARD, note, shard_row
from components.ingest.records import Rejected

_DONE = "done.json"


@dataclass(frozen=True)
class ChunkStore:
    """``<number>.notes.arrow`` holds a row of NOTE for every row that was read, ``<number>.samples.arrow`` the samples
    in full; these are dropped when the shards are written, the notes stay."""

    folder: Path

    @property
    def chunks(self) -> int | None:
        """How many there are, once all have been finished."""
        try:
            return int(json.loads((self.folder / _DONE).read_text(encoding="utf-8"))["chunks"])
        except FileNotFoundError:
            return None

    def finish(self, chunks: int) -> None:
        """Note that there are no more."""
        write_json(self.folder / _DONE, {"chunks": chunks})

    def has_notes(self, number: int) -> bool:
        """Whether the chunk has been worked on."""
        return self._notes(number).is_file()

    def has_samples(self, number: int) -> bool:
        """Whether its samples are still there."""
        return self._samples(number).is_file()

    def write(self, number: int, outcomes: Sequence[Sample | Rejected]) -> None:
        """Store a chunk. Its notes come last: where they are, the samples are."""
        self.folder.mkdir(parents=True, exist_ok=True)
        samples = [shard_row(outcome) for outcome in outcomes if isinstance(outcome, Sample)]
        _write(self._samples(number), pa.Table.from_pylist(samples, schema=SHARD))
        _write(self._notes(number), pa.Table.from_pylist([note(outcome) for outcome in outcomes], schema=NOTE))

    def notes(self) -> pa.Table:
        """The notes of all chunks, in the data set's order."""
        tables = [_read(self._notes(number)) for number in range(self.chunks or 0)]
        return pa.concat_tables(tables) if tables else NOTE.empty_table()

    def sample_counts(self) -> np.ndarray:
        """(chunks,) samples in each."""
        return np.array([_read(self._notes(number))["reason"].null_count for number in range(self.chunks or 0)], int)

    def samples(self, number: int) -> pa.Table:
        """A chunk's samples, memory-mapped."""
        return _read(self._samples(number))

    def drop_samples(self) -> None:
        """Free the space of samples that are in shards."""
        for path in self.folder.glob("*.samples.arrow"):
            path.unlink()

    def _notes(self, number: int) -> Path:
        return self.folder / f"{number:06d}.notes.arrow"

    def _samples(self, number: int) -> Path:
        return self.folder / f"{number:06d}.samples.arrow"


def _write(path: Path, table: pa.Table) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")  # a killed run's workers may still be at it
    with pa.OSFile(str(part), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    os.replace(part, path)


def _read(path: Path) -> Any:
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()
