"""For each layout with rows: a few good ones, and the loose file that they make."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.ingest.records import Record, Rejected
from components.params.schema import Source
from tests.ingest.layouts import aihub_81, aihub_144, aihub_71357, aihub_71730, llava, tables
from tests.ingest.layouts.pictures import HEIGHT, WIDTH
from tests.ingest.readers.reading import read_all
from tests.ingest.samples import source


@dataclass(frozen=True)
class RowSet:
    """One layout."""

    source: Source
    rows: list[Any]
    file: str
    pack: Callable[[list[Any]], Any]
    """Rows to what the file holds."""

    def write(self, folder: Path, data: bytes) -> None:
        """The file, without images: readers only name them."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.file).write_bytes(data)


def _annotations(rows: list[Any]) -> Any:
    """AI Hub 81 with one good image for all annotations."""
    return {"images": [aihub_81.image("1", "a.jpg")], "annotations": rows}


def _images(rows: list[Any]) -> Any:
    """AI Hub 81 with one good annotation."""
    return {"images": rows, "annotations": [aihub_81.word("1", "글", [0, 0, 40, 20])]}


_QUESTIONS = {
    "name": "r1",
    "picture": {"path": "a.jpg", "bytes": "-"},
    "qa": [{"asked": "무엇인가요?", "said": "사과"}],
}
_MAPPING = {"items": "qa", "id": "name", "image": "picture.path", "question": "asked", "answer": "said"}
_LABEL = aihub_144.label("석탑입니다.", aihub_144.BOX, images=[{"width": WIDTH, "height": HEIGHT}])

SETS = {
    "llava": RowSet(
        source("llava"),
        [llava.row("a", "a.jpg", "<image>\n?", "!", "?", "!"), llava.row(2, None, "?", "!")],
        "chat.json",
        list,
    ),
    "aihub-71730": RowSet(
        source("aihub-71730"),
        [
            aihub_71730.label(
                "a", aihub_71730.square("글", 9, 9), aihub_71730.word("말", {"x": 1, "y": 2}, {"x": 30, "y": 40})
            )
        ],
        "a.json",
        list,
    ),
    "aihub-71357": RowSet(
        source("aihub-71357"), [aihub_71357.annotation(1, "a.jpg")], "a.json", lambda rows: {"annotations": rows}
    ),
    "mapping": RowSet(source("mapping", mapping=_MAPPING), [_QUESTIONS, *tables.rows()], "rows.json", list),
    "aihub-81 images": RowSet(
        source("aihub-81"), [aihub_81.image("1", "a.jpg"), aihub_81.image(2, "b.jpg")], aihub_81.LABELS, _images
    ),
    "aihub-81 annotations": RowSet(
        source("aihub-81"), [aihub_81.word("1", "글", [0, 0, 40, 20])], aihub_81.LABELS, _annotations
    ),
    "aihub-144": RowSet(source("aihub-144"), [_LABEL], "64_유적건조물.json", lambda rows: rows[0] if rows else None),
}


def outcomes(layout: RowSet, data: bytes) -> list[Record | Rejected]:
    """What the layout's reader makes of a file, all of it fit to be stored."""
    with tempfile.TemporaryDirectory() as folder:
        layout.write(Path(folder) / "set", data)
        entries = read_all(Path(folder) / "set", layout.source, Path(folder) / "scratch")
    for entry in entries:
        _check_storable(entry)
    return entries


def _check_storable(entry: Record | Rejected) -> None:
    """Parquet takes UTF-8 only, and every refusal says why."""
    if isinstance(entry, Rejected):
        assert (entry.id + entry.reason).encode() and entry.fault.strip()
        return
    texts = [entry.id, *(turn.content for turn in entry.conversation), *(image.path for image in entry.images)]
    assert all(text.encode() is not None for text in texts)
