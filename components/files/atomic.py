"""Outputs under a temporary name first, renamed when they are whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside ``target`` that takes its place if the block ends well; else it is removed."""
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    shutil.rmtree(target, ignore_errors=True)
    os.replace(part, target)


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A name beside ``target`` to write to; the file takes its place if the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    yield part
    os.replace(part, target)


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all."""
    with new_file(target) as part:
        part.write_text(text, encoding="utf-8")


def write_json(target: Path, values: Any) -> None:
    """Write JSON with Hangul as Hangul."""
    write_text(target, json.dumps(values, ensure_ascii=False, indent=2) + "\n")
