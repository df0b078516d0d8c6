"""``s3://<bucket>/<prefix>`` and every other address that fsspec knows: copied here, file by file.

S3 is set up by the same environment variables as for boto3 (AWS_ENDPOINT_URL among them). Files that are here in
the store's present version are not copied again, so that a run that was stopped goes on with those that are left.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import fsspec
from fsspec.callbacks import Callback
from fsspec.core import url_to_fs
from tenacity import Retrying, retry_if_not_exception_type, stop_after_attempt, wait_exponential_jitter

from components.files.atomic import write_text
from components.ingest.records import SourceError
from components.stages.keys import hide

_TRIES = 5
_AT_ONCE = 8
"""Files in transfer: data sets may be hundreds of thousands of small ones."""
_BATCH = 64
"""Files between two entries in the list of what is done."""
_STEPS = 20
"""Lines of progress in a transfer: one every 5 %."""
_STEP_BYTES = 1024**3
"""Between two lines where the size is not known."""
_KEY_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_KEYS = "the network and the keys (for S3: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL)"
_STAMPS = ("ETag", "etag", "mtime", "LastModified", "last_modified", "created")
"""What file systems call that by which a file's versions differ, the surest first."""


class Progress:
    """Prints how far a transfer is, every 5 %. Threads may share it."""

    def __init__(self, name: str, total: int | None, done: int = 0) -> None:
        self._name = name
        self._total = total
        self._done = done
        self._step = max(total / _STEPS, 1) if total else _STEP_BYTES
        self._told = done // self._step
        self._lock = threading.Lock()

    def add(self, size: int) -> None:
        """Count bytes that came, or, negative, that came in vain."""
        with self._lock:
            self._done += size
            if self._done // self._step > self._told:
                self._told = self._done // self._step
                print(f"ingest: {self._name}: {self._text()}", flush=True)

    def _text(self) -> str:
        share = f" of {self._total:,} bytes ({100 * self._done // self._total} %)" if self._total else " bytes"
        return f"{self._done:,}{share}"


class _Counted(Callback):
    """Hands the bytes of one file's transfer on, and can take them back."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self._seen = 0

    def relative_update(self, inc: int = 1) -> None:
        self._seen += inc
        self._progress.add(inc)

    def take_back(self) -> None:
        self._progress.add(-self._seen)
        self._seen = 0


@dataclass(frozen=True)
class Stored:
    """A version of a file in the store."""

    name: str
    """Its path below the address."""
    size: int | None
    """Bytes, if the store says."""
    stamp: str
    """ETag or time of change."""


class Manifest:
    """Which files are here, in which version: one line each, so that noting one does not cost as much as all."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, Stored]:
        """By name. What cannot be read (a line that a killed run left unfinished) does not count."""
        if not self._file.is_file():
            return {}
        lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        return {stored.name: stored for line in lines if (stored := _line_read(line))}

    def replace(self, stored: list[Stored]) -> None:
        """Begin with these."""
        write_text(self._file, "".join(map(_line, stored)))

    def add(self, stored: list[Stored]) -> None:
        """Note further ones."""
        with self._file.open("a", encoding="utf-8") as file:
            file.writelines(map(_line, stored))


def _line(stored: Stored) -> str:
    return json.dumps(asdict(stored)) + "\n"


def _line_read(line: str) -> Stored | None:
    try:
        return Stored(**json.loads(line))
    except (ValueError, TypeError):
        return None


def known(protocol: str) -> bool:
    """Whether fsspec knows addresses that begin with ``<protocol>://``."""
    return protocol in fsspec.available_protocols()


def fetch(address: str, seed: int, scratch: Path, pause_s: float = 1.0) -> Path:
    """The folder with the copies. Files that the store no longer has are removed from it.

    Args:
        pause_s: seconds before the second try to copy a file; later pauses double.

    Raises:
        SourceError: if the store cannot be reached, holds nothing there, or breaks off again and again.
    """
    digest = hashlib.sha256(address.encode()).hexdigest()[:16]
    folder = scratch / f"store-{digest}"
    store, root, listed = _listed(address)
    manifest = Manifest(scratch / f"store-{digest}.jsonl")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        left = _left(folder, manifest, listed)
        _Transfer(store, root, folder, address, pause_s).copy(left, manifest)
    except OSError as error:
        raise SourceError(f"{address} cannot be saved in {folder}: {error.strerror or error}") from None
    return folder


def _listed(address: str) -> tuple[fsspec.AbstractFileSystem, str, list[Stored]]:
    """The store, the folder in it, and all files below, sorted by name."""
    try:
        # A store of an earlier call would keep its list of files, and its keys.
        store, root = url_to_fs(address, skip_instance_cache=True)
        root, found = _find(store, root.rstrip("/"))
    except (FileNotFoundError, NotADirectoryError):
        found = {}
    except Exception as error:  # each kind of store has its own errors
        raise SourceError(f"{address} cannot be listed: {_why(error)}. Check the address, {_KEYS}") from None
    if not found:
        raise SourceError(f"{address} holds no files: put the data set there, or change the origin in params.yaml")
    return store, root, sorted(_stored(root, found, address), key=lambda stored: stored.name)


def _find(store: fsspec.AbstractFileSystem, path: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """The folder, and what the store says of each file below, by path; a path may name one file, too."""
    info = store.info(path)
    if info["type"] == "file":
        return path.rpartition("/")[0], {path: info}
    found = store.find(path, detail=True)
    return path, {below: info for below, info in found.items() if info["type"] == "file"}


def _stored(root: str, found: dict[str, dict[str, Any]], address: str) -> Iterator[Stored]:
    """Files by their path below the folder.

    Raises:
        SourceError: for a name that leads elsewhere, or nowhere.
    """
    for path, info in found.items():
        if path.endswith("/"):  # S3's way to keep an empty folder
            continue
        name = path.removeprefix(f"{root}/")
        if any(part in ("", ".", "..") for part in name.split("/")) or "\\" in name or "\0" in name:
            raise SourceError(f"{address} has a file whose name no folder can hold: {path!r}; rename it in the store")
        stamp = next((str(info[key]) for key in _STAMPS if info.get(key)), "")
        yield Stored(name, info.get("size"), stamp)


def _left(folder: Path, manifest: Manifest, listed: list[Stored]) -> list[Stored]:
    """Which files are not here yet. All that is here and not in the store is removed."""
    noted = manifest.read()
    here = [stored for stored in listed if noted.get(stored.name) == stored and _is_here(folder, stored)]
    manifest.replace(here)
    names = {stored.name for stored in here}
    _remove_others(folder, names)
    return [stored for stored in listed if stored.name not in names]


def _remove_others(folder: Path, names: set[str]) -> None:
    """Leave only these files in the folder. An empty folder goes, too: a file may need its name."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in names:
            path.unlink()


def _is_here(folder: Path, stored: Stored) -> bool:
    path = folder / stored.name
    return path.is_file() and stored.size in (None, path.stat().st_size)


@dataclass(frozen=True)
class _Transfer:
    """From a store to a folder."""

    store: fsspec.AbstractFileSystem
    root: str
    folder: Path
    address: str
    pause_s: float

    def copy(self, files: list[Stored], manifest: Manifest) -> None:
        """Copy all, noting what is done after every few."""
        progress = Progress(self.address, sum(stored.size or 0 for stored in files) or None)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(files), _BATCH):
                batch = files[start : start + _BATCH]
                tasks = [pool.submit(self._copy_one, stored, progress) for stored in batch]
                done = [stored for stored, task in zip(batch, tasks, strict=True) if not task.exception()]
                manifest.add(done)
                for task in tasks:
                    task.result()

    def _copy_one(self, stored: Stored, progress: Progress) -> None:
        """One file, to a temporary name first, with further tries."""
        tries = Retrying(
            retry=retry_if_not_exception_type((FileNotFoundError, PermissionError, FileExistsError, ImportError)),
            stop=stop_after_attempt(_TRIES),
            wait=wait_exponential_jitter(multiplier=self.pause_s, max=60 * self.pause_s, jitter=self.pause_s),
            reraise=True,
        )
        try:
            tries(self._try_one, stored, progress)
        except Exception as error:  # each kind of store has its own errors
            raise SourceError(
                f"{self.address}: {stored.name} could not be copied: {_why(error)}. Run the stage again: it goes on "
                f"with the files that are left. If that does not help, check {_KEYS}"
            ) from None

    def _try_one(self, stored: Stored, progress: Progress) -> None:
        target = self.folder / stored.name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{hashlib.sha256(target.name.encode()).hexdigest()[:16]}.part")
        counted = _Counted(progress)
        try:
            self.store.get_file(f"{self.root}/{stored.name}", str(part), callback=counted)
            size = part.stat().st_size
            if stored.size not in (None, size):
                raise OSError(f"{size:,} bytes came, and {stored.size:,} were listed")
            os.replace(part, target)
        except BaseException:
            counted.take_back()
            part.unlink(missing_ok=True)
            raise


def _why(error: BaseException) -> str:
    """An error in one line, without the keys, which some stores repeat."""
    keys = (os.environ.get(name) for name in _KEY_VARIABLES)
    return " ".join(hide(f"{type(error).__name__}: {error}", *keys).split())[:300]
