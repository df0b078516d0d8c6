"""Temporary folders that are known to be nobody's any more when their owner was killed."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "ray-"
_LOCK = ".lock"


@contextmanager
def owned_folder() -> Iterator[Path]:
    """A folder with a short path under the system's temporary one, removed afterwards.

    Its owner holds the lock beside it, which the kernel gives back however the owner ends. What was left by owners
    that were killed is removed first.
    """
    remove_ownerless()
    folder = Path(tempfile.gettempdir()) / f"{_PREFIX}{secrets.token_hex(4)}"
    # Before the folder is made: a folder with a lock that nobody holds is one whose owner is gone.
    with FileLock(_lock_of(folder)):
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            _remove(folder)


def remove_ownerless() -> None:
    """Remove such folders whose owner is gone; those of other users stay."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*{_LOCK}"):
        folder = lock.with_suffix("")
        if not folder.is_dir():
            continue
        try:
            with FileLock(lock, timeout=0):
                _remove(folder)
        except (Timeout, OSError):
            continue


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)


def _remove(folder: Path) -> None:
    """With its lock, which is held: nobody else can be at it."""
    shutil.rmtree(folder, ignore_errors=True)
    _lock_of(folder).unlink(missing_ok=True)
