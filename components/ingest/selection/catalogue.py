"""The notes of all sources' samples as arrays, in declared order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from components.ingest.checks.looks import LOOK_BYTES
from components.ingest.chunks.columns import NOTE
from components.params.schema import Source

_IMAGE = NOTE.field("images").type.value_type
_QUESTION = NOTE.field("questions").type.value_type


@dataclass(frozen=True)
class Images:
    """Images one after the other."""

    digest: np.ndarray
    """(images,) 16 bytes."""
    look: np.ndarray
    """(images, LOOK_BYTES) uint8."""
    plain: np.ndarray
    """(images,) bool."""

    def __len__(self) -> int:
        return len(self.digest)


@dataclass(frozen=True)
class Catalogue:
    """All samples, that is, rows that passed the checks."""

    sources: list[Source]
    notes: list[pa.Table]
    """A table a source, of its samples alone."""
    source: np.ndarray
    """(samples,) place of its source."""
    text: np.ndarray
    """(samples,) uint64, digest of the conversation."""
    images: Images
    owner: np.ndarray
    """(images,) place of the sample that an image belongs to, ascending."""
    questions: np.ndarray
    """(questions,) uint64."""
    asked_by: np.ndarray
    """(questions,) place of the sample that a question belongs to."""

    def __len__(self) -> int:
        return len(self.source)

    @property
    def stage(self) -> np.ndarray:
        """(samples,) bool: whether the sample is for stage 2."""
        return np.array([source.stage == "finetune" for source in self.sources], dtype=bool)[self.source]

    def strings(self, column: str) -> np.ndarray:
        """A column of text of all samples."""
        return np.concatenate([table[column].to_numpy(zero_copy_only=False) for table in self.notes])

    def per_source(self, values: np.ndarray) -> list[np.ndarray]:
        """Values of all samples, cut up by source."""
        return np.split(values, np.cumsum([table.num_rows for table in self.notes])[:-1])


def make_catalogue(sources: Sequence[Source], notes: Sequence[pa.Table]) -> Catalogue:
    """Arrays from the notes of each source; refused rows are left out."""
    kept = [table.filter(pc.is_null(table["reason"])) for table in notes]
    together = pa.concat_tables(kept).combine_chunks()
    return Catalogue(
        sources=list(sources),
        notes=kept,
        source=np.repeat(np.arange(len(kept)), [table.num_rows for table in kept]),
        text=_words(together["text"]),
        images=read_images(_flat(together["images"], _IMAGE)),
        owner=_owners(together["images"]),
        questions=_words(_flat(together["questions"], _QUESTION)),
        asked_by=_owners(together["questions"]),
    )


def read_images(structs: pa.Array) -> Images:
    """Arrays from notes of images."""
    look = np.frombuffer(b"".join(structs.field("look").to_pylist()), dtype=np.uint8).reshape(-1, LOOK_BYTES)
    return Images(
        np.array(structs.field("digest").to_pylist(), dtype="V16"),
        look,
        structs.field("plain").to_numpy(zero_copy_only=False).astype(bool),
    )


def _flat(lists: pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    flat = pc.list_flatten(lists)
    return flat.combine_chunks() if flat.num_chunks else pa.array([], kind)


def _owners(lists: pa.ChunkedArray) -> np.ndarray:
    return np.repeat(np.arange(len(lists)), pc.list_value_length(lists).to_numpy())


def _words(digests: pa.Array | pa.ChunkedArray) -> np.ndarray:
    return np.frombuffer(b"".join(digests.to_pylist()), dtype=np.uint64)
