"""Notes of samples written by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from components.ingest.checks.looks import BITS, LOOK_BYTES
from components.ingest.chunks.columns import NOTE, question_digest, text_digest
from components.ingest.records import Message
from components.ingest.selection.catalogue import Images
from components.ingest.selection.leaks import Items
from components.params.schema import Ingest
from tests.ingest.samples import source


@dataclass(frozen=True)
class Picture:
    """A picture by its bytes and by its look; ``turned`` bits of the look differ from others of the same kind."""

    kind: int
    turned: int = 0
    copy: int = 0
    plain: bool = False

    @property
    def digest(self) -> bytes:
        """Of its bytes."""
        return hashlib.sha256(f"{self.kind} {self.turned} {self.copy}".encode()).digest()[:16]

    @property
    def look(self) -> bytes:
        """Its perceptual hash."""
        bits = np.random.default_rng(self.kind).integers(0, 2, BITS, dtype=np.uint8)
        bits[: self.turned] ^= 1
        return np.packbits(bits).tobytes().ljust(LOOK_BYTES, b"\0")


def row(name: str, *pictures: Picture, question: str = "무엇?", answer: str = "사과", key: str = "") -> dict[str, Any]:
    """A sample's note."""
    turns = (Message("user", question), Message("assistant", answer))
    return {
        "id": name,
        "split_key": key,
        "tokens": 50,
        "bytes": 1000,
        "turns": 1,
        "hangul": 1.0,
        "text": text_digest(turns),
        "questions": [question_digest(question)],
        "images": [
            {"digest": one.digest, "look": one.look, "plain": one.plain, "width": 96, "height": 96} for one in pictures
        ],
    }


def notes(*rows: dict[str, Any]) -> pa.Table:
    """The notes of a source."""
    return pa.Table.from_pylist(list(rows), schema=NOTE)


def items(*entries: tuple[str, str, Picture | None]) -> Items:
    """Benchmark items: name, question, picture."""
    shown = [(place, picture) for place, (_, _, picture) in enumerate(entries) if picture is not None]
    return Items(
        benchmark=["bench"] * len(entries),
        item=[name for name, _, _ in entries],
        question=np.frombuffer(b"".join(question_digest(text) for _, text, _ in entries), dtype=np.uint64),
        images=Images(
            np.array([picture.digest for _, picture in shown], dtype="V16"),
            np.frombuffer(b"".join(picture.look for _, picture in shown), dtype=np.uint8).reshape(-1, LOOK_BYTES),
            np.array([picture.plain for _, picture in shown], dtype=bool),
        ),
        shown_in=np.array([place for place, _ in shown], dtype=np.int64),
    )


def ingest(names: Sequence[str], remove: str = "samples", stages: Sequence[str] = (), **given: Any) -> Ingest:
    """Parameters for sources of these names."""
    chosen = stages or ["finetune"] * len(names)
    return Ingest.model_validate(
        {
            "image_side": 96,
            "max_length": 320,
            "shard_mib": 1,
            "split": {"validation": 0.25, "test": 0.25},
            "duplicates": {"distance": 10, "remove": remove},
            "remove_leaks": True,
            "mixture": {"temperature": 1.0, "pretrain": None, "finetune": None},
            "sources": [
                source("llava", name=name, stage=stage).model_dump() for name, stage in zip(names, chosen, strict=True)
            ],
            "benchmarks": [],
            **given,
        }
    )
