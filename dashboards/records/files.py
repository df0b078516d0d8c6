"""Where a run's files are: the workspace's on disk, another revision's in the DVC cache."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from dashboards.records.problem import RecordError

WORKSPACE = "workspace"
# One Repo object must not be used from several threads, and each browser tab is a thread.
_lock = threading.Lock()


@dataclass(frozen=True)
class Record:
    """One file of a run. Records of the same name and stamp have the same content, so they key a cache."""

    name: str
    stamp: str
    location: Path | bytes

    def open(self) -> BinaryIO:
        """The file, opened for reading; RecordError if it vanished since it was found."""
        if isinstance(self.location, bytes):
            return io.BytesIO(self.location)
        try:
            return self.location.open("rb")
        except OSError as error:
            raise RecordError("missing", self.name, str(error)) from error

    def read(self) -> bytes:
        """All bytes of the file."""
        with self.open() as file:
            return file.read()


def find(root: Path, revision: str, name: str) -> Record:
    """The file `name` in the workspace or at a revision; RecordError says why it is not there."""
    if revision == WORKSPACE:
        return _in_workspace(root, name)
    with _lock:
        return _at_revision(root, revision, name)


def names(root: Path, revision: str, folder: str) -> list[str]:
    """The paths of all files under a folder of a run, sorted; empty where the run has no such folder."""
    if revision == WORKSPACE:
        found = (path for path in (root / folder).rglob("*") if path.is_file())
        return sorted(path.relative_to(root).as_posix() for path in found)
    with _lock:
        filesystem = _filesystem(root, revision)
        try:
            return sorted(filesystem.find(folder))
        except FileNotFoundError:
            return []
        except Exception as error:
            raise _unreadable(folder, error) from error


def _in_workspace(root: Path, name: str) -> Record:
    path = root / name
    try:
        stat = path.stat()
    except OSError as error:
        raise RecordError("missing", name) from error
    return Record(name, f"{stat.st_mtime_ns}-{stat.st_size}", path)


def _at_revision(root: Path, revision: str, name: str) -> Record:
    filesystem = _filesystem(root, revision)
    try:
        digest = filesystem.info(name).get("md5")
        if digest is None:  # tracked by git, not by DVC
            return Record(name, revision, filesystem.read_bytes(name))
        cached = Path(filesystem.repo.cache.local.oid_to_path(digest))
    except FileNotFoundError as error:
        raise RecordError("absent", name, revision[:7]) from error
    except Exception as error:
        raise _unreadable(name, error) from error
    if not cached.is_file():
        raise RecordError("not cached", name, revision[:7], _pull(name))
    return Record(name, digest, cached)


def _unreadable(name: str, error: Exception) -> RecordError:
    from dvc_data.index import DataIndexDirError

    if isinstance(error, DataIndexDirError):  # the listing of the folder is itself an object of the cache
        return RecordError("not cached", name, str(error), _pull(name))
    return RecordError("tool", name, f"{type(error).__name__}: {error}")


def _pull(name: str) -> str:
    return f"dvc pull --all-commits {name}"


@lru_cache(maxsize=32)
def _filesystem(root: Path, revision: str) -> Any:
    from dvc.api import DVCFileSystem

    # No remote: a page must not wait for a download that nobody asked for.
    return DVCFileSystem(str(root), rev=revision, config={"core": {"remote": ""}})
