"""Where checkpoints are kept: a local folder, or any address that fsspec knows (``s3://bucket/folder``)."""

from __future__ import annotations

from dataclasses import dataclass

import fsspec
from fsspec.implementations.local import LocalFileSystem
from pyarrow.fs import FileSystem, FSSpecHandler, PyFileSystem


@dataclass(frozen=True)
class Storage:
    """As Ray Train wants it: a path, and the filesystem that it is in (None: this machine's)."""

    path: str
    filesystem: FileSystem | None


def open_storage(address: str) -> Storage:
    """Keys, and the address of an S3-compatible store, come from the environment, as boto3 reads them
    (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL)."""
    filesystem, path = fsspec.url_to_fs(address)
    if isinstance(filesystem, LocalFileSystem):
        return Storage(path, None)
    return Storage(path, PyFileSystem(FSSpecHandler(filesystem)))
