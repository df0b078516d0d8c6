"""What evaluation is told of items that training shows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from components.ingest.benchmarks import ITEMS
from components.ingest.chunks.columns import SHARD
from components.ingest.selection.overlap import OVERLAP, find_overlap
from components.ingest.selection.select import select
from components.params.schema import BenchmarkSource
from tests.ingest.selection.notes import Picture, ingest, items, notes, row

SEEN, NEAR, OTHER = Picture(1), Picture(2), Picture(3)
ITEM_LIST = items(
    ("seen", "무엇?", SEEN), ("near", "어디?", NEAR), ("new", "왜?", Picture(9)), ("text", "몇 시?", None)
)
NOTES = notes(
    row("a", SEEN),
    row("b", SEEN, answer="배"),
    row("c", Picture(2, turned=4)),
    row("d", question="몇 시?"),
    row("e", OTHER),
)


def found(removes: bool, tmp_path: Path) -> list[dict[str, object]]:
    selection = select(
        [NOTES], ITEM_LIST, ingest(["one"], remove_leaks=removes, split={"validation": 0.0, "test": 0.0})
    )
    table = find_overlap(selection, [], tmp_path, tmp_path)
    assert table.columns.tolist() == OVERLAP.names
    pa.Table.from_pandas(table, schema=OVERLAP)
    return table.drop(columns="benchmark").to_dict("records")


def test_removed_samples_are_counted_as_found_but_not_as_shown(tmp_path: Path) -> None:
    assert found(removes=True, tmp_path=tmp_path) == [
        {"item_id": "near", "kind": "near image", "bits": 4, "found": 1, "training": 0},
        {"item_id": "seen", "kind": "same image", "bits": -1, "found": 2, "training": 0},
        {"item_id": "text", "kind": "same question", "bits": -1, "found": 1, "training": 0},
    ]


def test_what_is_left_in_training_is_told(tmp_path: Path) -> None:
    assert [(one["item_id"], one["training"]) for one in found(removes=False, tmp_path=tmp_path)] == [
        ("near", 1),
        ("seen", 2),
        ("text", 1),
    ]


def write_shard(folder: Path, split: str, names: list[str]) -> None:
    folder = folder / "pretrain" / split
    folder.mkdir(parents=True)
    rows = [{"id": name, "images": [{"bytes": b"", "path": name}]} for name in names] + [{"id": "text", "images": []}]
    pq.write_table(pa.Table.from_pylist(rows, schema=SHARD), folder / "coco-00000.parquet")


def test_images_are_found_by_their_id_in_a_collection(tmp_path: Path) -> None:
    """COCO's train2017 holds most of val2014, under other names; a recompressed copy may not look alike enough."""
    selection = select([NOTES], ITEM_LIST, ingest(["one"]))
    names = {"x": "val2014/COCO_val2014_000000000139.jpg", "y": "val2014/COCO_val2014_000000000285.jpg", "z": "a.jpg"}
    rows = [{"item_id": item, "image": {"bytes": b"", "path": name}} for item, name in names.items()]
    pq.write_table(pa.Table.from_pylist([*rows, {"item_id": "w"}], schema=ITEMS), tmp_path / "coco.parquet")
    write_shard(tmp_path, "train", ["coco/train2017/000000000139.jpg", "000000000139.jpg", "vg/139.jpg"])
    write_shard(tmp_path, "test", ["coco/train2017/000000000285.jpg"])
    declared = BenchmarkSource(name="coco", origin="folder:x", layout="captions", image_id=r"(\d{12})\.")
    table = find_overlap(selection, [declared], tmp_path, tmp_path)
    own = table[table["benchmark"] == "coco"].drop(columns="benchmark")
    assert own.to_dict("records") == [{"item_id": "x", "kind": "same id", "bits": -1, "found": 2, "training": 2}]
