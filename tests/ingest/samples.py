"""Small data sets written by hand, with the faults that the real ones have."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from components.params.schema import Source


def png(size: tuple[int, int] = (120, 120), colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    """A picture of one colour."""
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    """A picture as a file."""
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def source(reader: str, **fields: Any) -> Source:
    """A declared data set."""
    given = {"name": "set", "stage": "finetune", "origin": "folder:.", "licence": "CC0", "reader": reader}
    return Source.model_validate({**given, **fields})


def chat(folder: Path, rows: Any, images: Mapping[str, bytes] | None = None) -> Path:
    """A LLaVA data set with loose images."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "chat.json").write_text(json.dumps(rows), encoding="utf-8")
    for name, data in (images or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def row(question: str = "<image>\n무엇인가요?", answer: str = "사과", **fields: Any) -> dict[str, Any]:
    """One LLaVA row with the image a.png."""
    turns = [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
    return {"id": "a", "image": "a.png", "conversations": turns, **fields}


def archive(path: Path, files: Mapping[str, bytes]) -> None:
    """A zip archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as target:
        for name, data in files.items():
            target.writestr(name, data)
