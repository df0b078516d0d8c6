"""Where a run's checkpoints are kept: a local folder, or any address that fsspec knows (``s3://bucket/folder``)."""

from __future__ import annotations

import glob
import json
import posixpath
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import fsspec
from fsspec.implementations.local import LocalFileSystem
from pyarrow.fs import FileSystem, FSSpecHandler, PyFileSystem
from safetensors import SafetensorError

from components.files.atomic import new_folder
from components.training.checkpoint import POSITION, Checkpoint

_KEPT = 2
_NAME = "step-{:08d}"
_BROKEN = (ValueError, KeyError, json.JSONDecodeError, SafetensorError)


class RayStorage(NamedTuple):
    """As Ray Train wants it: a path, and the filesystem that it is in (None: this machine's)."""

    path: str
    filesystem: FileSystem | None


@dataclass(frozen=True)
class CheckpointStore:
    """The last two checkpoints of one run, each a folder named by its step. It travels to workers, so it holds names.

    Keys, and the address of an S3-compatible store, come from the environment, as boto3 reads them
    (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL).
    """

    address: str
    run: str
    """Names the run by all that decides its outcome."""

    @classmethod
    def of(cls, address: str, run: str) -> CheckpointStore:
        """The same place for whoever it travels to: Ray's workers have a working folder of their own."""
        files, path = fsspec.url_to_fs(address)
        return cls(path if isinstance(files, LocalFileSystem) else address, run)

    @property
    def folder(self) -> str:
        """The run's own, as its filesystem calls it."""
        return posixpath.join(fsspec.url_to_fs(self.address)[1], self.run)

    def ray_storage(self) -> RayStorage:
        """Where Ray Train notes what it needs for itself; workers do not hand it their checkpoints."""
        files, _ = fsspec.url_to_fs(self.address)
        return RayStorage(
            self.folder, None if isinstance(files, LocalFileSystem) else PyFileSystem(FSSpecHandler(files))
        )

    def keep(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint, whole or not at all, and forget all but the last two."""
        files, _ = fsspec.url_to_fs(self.address)
        target = posixpath.join(self.folder, _NAME.format(checkpoint.done))
        if isinstance(files, LocalFileSystem):
            with new_folder(Path(target)) as folder:
                checkpoint.save(folder)
        else:
            with tempfile.TemporaryDirectory() as folder:
                checkpoint.save(Path(folder))
                # What says that a checkpoint is whole comes last: a store has no rename.
                for path in sorted(Path(folder).iterdir(), key=lambda path: path.name == POSITION):
                    files.put_file(str(path), posixpath.join(target, path.name))
        for old in self._whole()[_KEPT:]:
            files.rm(old, recursive=True)

    def last(self) -> Checkpoint | None:
        """The last checkpoint that can be read; None: there is none."""
        files, _ = fsspec.url_to_fs(self.address)
        for name in self._whole():
            try:
                if isinstance(files, LocalFileSystem):
                    return Checkpoint.load(Path(name))
                with tempfile.TemporaryDirectory() as folder:
                    files.get(f"{name}/", f"{folder}/", recursive=True)
                    return Checkpoint.load(Path(folder))
            except _BROKEN as error:
                print(f"checkpoint {name} cannot be read ({error}); looking for an older one", flush=True)
        return None

    def _whole(self) -> list[str]:
        """The run's checkpoints that are whole, the last one first."""
        files, _ = fsspec.url_to_fs(self.address)
        files.invalidate_cache()
        steps = _NAME.format(0).replace("0", "[0-9]")
        found = files.glob(posixpath.join(glob.escape(self.folder), steps, POSITION))
        return sorted((posixpath.dirname(str(name)) for name in found), reverse=True)
