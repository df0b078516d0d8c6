"""Any layout, in each of the formats that the reader ``mapping`` takes: questions about two images, with nothing wrong
but one image that is missing and one answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.archives.builders import write, zip_of
from tests.ingest.layouts.expected import Expected, as_json
from tests.ingest.layouts.pictures import sign

PATHS: dict[str, Any] = {"id": "name", "image": "picture", "question": "asked", "answer": "said"}
"""Of the formats whose rows are flat."""
NESTED_PATHS: dict[str, Any] = {
    "rows": "data.list",
    "items": "qa",
    "id": "name",
    "image": "picture",
    "question": "asked",
    "answer": "said",
}


def build(folder: Path, form: str) -> Expected:
    """Write the data set in one of FORMS."""
    name, data = FORMS[form](rows())
    images = {"img/가.jpg": sign("가"), "img/나.png": sign("나", "PNG")}
    write(folder, {name: data, "images.zip": zip_of(images)})
    return Expected(kept=2, refused={"image missing": 1, "no answer": 1})


def rows() -> list[dict[str, Any]]:
    """Flat rows."""
    return [
        {"name": "r1", "picture": "가.jpg", "asked": "뭐라고 쓰여 있나요?", "said": "가"},
        {"name": "r2", "picture": "img/나.png", "asked": "무엇인가요, 이것은?", "said": '"나"\n입니다.'},
        {"name": "r3", "picture": "nowhere.png", "asked": "무엇인가요?", "said": "없음"},
        {"name": "r4", "picture": "가.jpg", "asked": "무엇인가요?", "said": None},
    ]


def _csv(flat: list[dict[str, Any]], encoding: str) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(flat[0]))
    writer.writeheader()
    writer.writerows(flat)
    return stream.getvalue().encode(encoding)


def _parquet(flat: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(flat), sink)
    return sink.getvalue()


def _embedded(flat: list[dict[str, Any]]) -> bytes:
    """As the hub holds images: bytes and path. The last but one has a path only."""
    data = [sign("가"), sign("나"), None, sign("가")]
    pictures = [{"bytes": image, "path": row["picture"]} for row, image in zip(flat, data, strict=True)]
    return _parquet([{**row, "picture": picture} for row, picture in zip(flat, pictures, strict=True)])


def _nested(flat: list[dict[str, Any]]) -> bytes:
    listed = [
        {"name": r["name"], "picture": r["picture"], "qa": [{"asked": r["asked"], "said": r["said"]}]} for r in flat
    ]
    return as_json({"data": {"list": listed}})


FORMS: dict[str, Callable[[list[dict[str, Any]]], tuple[str, bytes]]] = {
    "json": lambda flat: ("rows.json", as_json(flat)),
    "nested json": lambda flat: ("rows.json", _nested(flat)),
    "json lines": lambda flat: ("rows.jsonl", "\n".join(json.dumps(r, ensure_ascii=False) for r in flat).encode()),
    "csv": lambda flat: ("rows.csv", _csv(flat, "utf-8")),
    "csv with mark": lambda flat: ("rows.csv", _csv(flat, "utf-8-sig")),
    "csv in cp949": lambda flat: ("rows.csv", _csv(flat, "cp949")),
    "parquet": lambda flat: ("rows.parquet", _parquet(flat)),
    "parquet with images": lambda flat: ("rows.parquet", _embedded(flat)),
}
