"""Three small sources whose card can be told by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from components.ingest.chunks.columns import SHARD
from components.ingest.licences import read_licences
from components.ingest.mixture import Part
from components.ingest.selection.select import Selection, select
from components.ingest.shards.parquet import write_rows
from tests.ingest.samples import png, source
from tests.ingest.selection.notes import Picture, ingest, items, notes, row

CAT, DOG, BIRD, FISH = (Picture(kind) for kind in range(1, 5))
CAT_AGAIN, CAT_TURNED = Picture(1, turned=6), Picture(1, turned=3)
SOURCES = [
    source("llava", name="captions", stage="pretrain", licence="cc0"),
    source("llava", name="chat", licence="cc-by-nc-4.0"),
    source("aihub-81", name="signs", licence="aihub"),
]
NO_SPLIT = {"validation": 0.0, "test": 0.0}


@dataclass(frozen=True)
class SmallSet:
    """What write_card takes."""

    notes: list[pa.Table]
    selection: Selection
    mixtures: dict[str, dict[str, Part]]


def refused(name: str, reason: str) -> dict[str, Any]:
    """The note of a refused row."""
    return {"id": name, "reason": reason, "images": [], "questions": []}


def sample(name: str, *pictures: Picture, answer: str, **fields: Any) -> dict[str, Any]:
    """The note of a sample with other numbers than usual."""
    return {**row(name, *pictures, answer=answer), **fields}


def small_set(shown: Picture = CAT, **given: Any) -> SmallSet:
    """captions: three samples, two refused rows; chat: an exact duplicate, a leak, a near one; signs: nothing kept."""
    tables = [
        notes(
            sample("c0", DOG, answer="개", tokens=10, hangul=0.5),
            refused("c1", "image missing: a|b.png"),
            sample("c2", BIRD, answer="새", tokens=20, hangul=0.1),
            refused("c3", "image missing: c.png"),
            sample("c4", FISH, answer="fish", tokens=90, hangul=0.0),
        ),
        notes(
            sample("t0", DOG, BIRD, answer="둘", tokens=100, turns=2, bytes=5000),
            sample("t1", DOG, BIRD, answer="둘", tokens=100),
            sample("t2", CAT, answer="고양이"),
            sample("t3", CAT_AGAIN, answer="야옹"),
            sample("t4", answer="글", tokens=30),
        ),
        notes(refused("s0", "bad box: 7")),
    ]
    bench = items(("7", "이것은?", shown), ("8", "무엇?", FISH))
    selection = select(
        tables, bench, ingest([], sources=[one.model_dump() for one in SOURCES], split=NO_SPLIT, **given)
    )
    mixtures = {
        "pretrain": {"captions": Part(2, 4)},
        "finetune": {"chat": Part(2, 1), "signs": Part(0, 0)},
    }
    return SmallSet(tables, selection, mixtures)


def write_shard(folder: Path, stage: str, name: str, rows: int, answer: str = "답") -> None:
    """A shard whose rows from the second on have a picture."""
    path = folder / "shards" / stage / "train" / f"{name}-00000.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [
        {
            "id": f"{name}-{number}",
            "source": name,
            "images": [{"bytes": png((400, 200), (number % 256, 0, 0)), "path": "a.png"}] if number else [],
            "conversation": [{"role": "user", "content": "질문"}, {"role": "assistant", "content": answer}],
            "licence": "cc0",
            "split_key": "00",
            "tokens": 5,
        }
        for number in range(rows)
    ]
    write_rows(path, [pa.Table.from_pylist(entries, schema=SHARD)])


LICENCES = read_licences(SOURCES)
