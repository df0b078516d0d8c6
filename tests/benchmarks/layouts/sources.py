"""Benchmarks' files as their publishers lay them out."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from components.archives.files import open_files
from components.benchmarks.catalogue import find_benchmark
from components.benchmarks.item import Item

Row = dict[str, Any]
CHOICES = ("choice_a", "choice_b", "choice_c", "choice_d")
SEED: Row = {
    "question_id": "101669_1",
    "question": "이 사진에는 몇 명의 사람이 있나요?",
    **dict(zip(CHOICES, ("한 명", "두 명", "세 명", "없음"), strict=True)),
    "answer": "B",
    "data_type": "Instances Counting",
}
DTC: Row = {
    "index": "document_01",
    "question": "회의는 언제 열리나요?",
    **dict(zip(CHOICES, ("월요일", "화요일", "수요일", "목요일"), strict=True)),
    "answer": "D",
    "category": "document",
}
MMBENCH: Row = {
    "index": 241,
    "question": "어느 것이 금속인가요?",
    "hint": "nan",
    "A": "나무",
    "B": "구리",
    "C": "nan",
    "D": None,
    "answer": "B",
    "category": "physical_property",
}
MMSTAR: Row = {
    "index": 0,
    "question": "<image 1>어떤 분위기인가요?<image>\nOptions: A: 밝다, B: 어둡다, C: 차갑다, D: 뜨겁다",
    "answer": "A",
    "category": "coarse perception",
    "l2_category": "image emotion",
}
LLAVA_W: Row = {
    "question_id": 3,
    "question": "이 장면을 설명해 주세요.",
    "caption": ["바닷가의 등대", "저녁"],
    "gpt_answer": "저녁 바닷가에 등대가 서 있습니다.",
    "category": "detail",
}


def png(shade: int = 120) -> bytes:
    """A small picture."""
    stream = io.BytesIO()
    Image.new("RGB", (12, 8), (shade, 30, 200)).save(stream, "PNG")
    return stream.getvalue()


def write_parquet(folder: Path, rows: Sequence[Row]) -> Path:
    """As the hub holds them: an image is its bytes and its name."""
    folder.mkdir(parents=True, exist_ok=True)
    held = [{**row, "image": {"bytes": png(), "path": "1.png"}} for row in rows]
    pq.write_table(pa.Table.from_pylist(held), folder / "test-00000-of-00001.parquet")
    return folder


def write_tsv(folder: Path, rows: Sequence[Row]) -> Path:
    """As VLMEvalKit reads them: an image is base64, nothing is an empty field."""
    folder.mkdir(parents=True, exist_ok=True)
    held = [{**row, "image": base64.b64encode(png()).decode()} for row in rows]
    with (folder / "benchmark.tsv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(held[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(held)
    return folder


def write_lines(folder: Path, rows: Sequence[Row]) -> Path:
    """``items.jsonl`` with an image beside."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "images/1.png").write_bytes(png())
    text = "".join(json.dumps({"image": "images/1.png", **row}, ensure_ascii=False) + "\n" for row in rows)
    (folder / "items.jsonl").write_text(text, encoding="utf-8")
    return folder


def items_of(layout: str, folder: Path) -> list[Item]:
    """What a layout reads from a folder."""
    return list(find_benchmark(layout).read(open_files([folder], folder.parent / "scratch")))
