"""What is asked."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from components.export.speed.prompts import NothingToAsk, read_prompts


def benchmark(folder: Path, name: str, pictured: list[bool]) -> None:
    """A benchmark whose items are numbered, and whose pictures are as wide as their numbers and a bit."""
    rows = [
        {"prompt": f"{name} {number}", "image": {"bytes": _png(10 + number), "path": None} if has else None}
        for number, has in enumerate(pictured)
    ]
    schema = pa.schema(
        {"prompt": pa.string(), "image": pa.struct({"bytes": pa.binary(), "path": pa.string()}), "other": pa.int64()}
    )
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{name}.parquet")


def _png(width: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, 8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_one_of_each_benchmark_in_turn_with_its_picture(tmp_path: Path) -> None:
    benchmark(tmp_path, "a", [False, True, True])
    benchmark(tmp_path, "b", [True])
    benchmark(tmp_path, "c", [False])
    found = read_prompts(tmp_path, 9)
    assert [(prompt, picture.size) for prompt, picture in found] == [
        ("a 1", (11, 8)),
        ("b 0", (10, 8)),
        ("a 2", (12, 8)),
    ]
    assert {picture.mode for _, picture in found} == {"RGB"}
    assert [prompt for prompt, _ in read_prompts(tmp_path, 2)] == ["a 1", "b 0"]


def test_nothing_to_ask_is_an_error_that_says_what_to_run(tmp_path: Path) -> None:
    benchmark(tmp_path, "c", [False])
    with pytest.raises(NothingToAsk, match="has an item with a picture: run `dvc repro ingest`"):
        read_prompts(tmp_path, 4)
