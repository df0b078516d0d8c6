"""Outputs under a temporary name first, renamed when they are whole."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE, S_ISREG
from typing import Any

_ASKING = threading.Lock()


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
    _follow_umask(*part.rglob("*"))
    shutil.rmtree(target, ignore_errors=True)
    os.replace(part, target)


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A name beside ``target`` to write to; the file takes its place if the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    yield part
    _follow_umask(part)
    os.replace(part, target)


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all."""
    with new_file(target) as part:
        part.write_text(text, encoding="utf-8")


def write_json(target: Path, values: Any) -> None:
    """Write JSON with Hangul as Hangul."""
    write_text(target, json.dumps(values, ensure_ascii=False, indent=2) + "\n")


def _follow_umask(*paths: Path) -> None:
    """Let others read (and write) what the umask lets them; safetensors, for one, writes for the owner alone."""
    allowed = 0o666 & ~_umask()
    for path in paths:
        found = path.lstat()
        # What has another name is not ours alone: a file of DVC's cache is to stay as it is.
        if S_ISREG(found.st_mode) and found.st_nlink == 1 and allowed & ~found.st_mode:
            path.chmod(S_IMODE(found.st_mode) | allowed)


def _umask() -> int:
    """Asking for it sets it: for that moment, to one that lets nobody in."""
    with _ASKING:  # else two threads that ask at once could leave that one behind
        umask = os.umask(0o077)
        os.umask(umask)
    return umask
