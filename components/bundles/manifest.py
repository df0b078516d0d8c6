"""A bundle's manifest: what its files are, what they were made from, how good and how fast they were found to be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from components.bundles.processor import Arithmetic
from components.files.atomic import write_json
from components.stages.errors import UserError

MANIFEST = "manifest.json"
AGAIN = "run `dvc checkout artifacts/export/bundles` or `dvc repro --force export`"


class BundleError(UserError):
    """A bundle is missing, incomplete or damaged; the message names the file and what to do."""


class File(BaseModel):
    """One file of a bundle."""

    bytes: int
    sha256: str


class RefusedForm(BaseModel):
    """A faster form of the image encoder that was tried before the one that a bundle has."""

    form: str
    reasons: list[str]
    """The limits that it broke, a sentence each."""


class Manifest(BaseModel):
    """What manifest.json holds."""

    model_config = ConfigDict(extra="forbid")

    name: str
    format: Literal["openvino", "gguf"]
    weights: str
    """Of the language model: fp16, int8, int4, or a type of llama.cpp such as Q4_K_M."""
    files: dict[str, File]
    form: str = ""
    """Of the image encoder (components.export.openvino.forms); "": there is but one."""
    refused_forms: list[RefusedForm] = []
    arithmetics: list[Arithmetic] = []
    """In which the quality was measured: how processors multiply bytes."""
    source: dict[str, Any] = {}
    """Where the model comes from: git revision, DVC's hashes, versions of the tools."""
    licences: dict[str, Any] = {}
    """Licence of each part, with what it asks of whoever passes the bundle on."""
    quality: dict[str, Any] = {}
    speed: dict[str, Any] = {}

    @property
    def size_mb(self) -> float:
        """All files together, in megabytes (10^6 bytes)."""
        return sum(file.bytes for file in self.files.values()) / 1e6

    @property
    def digest(self) -> str:
        """SHA-256 over names and hashes of the files: the manifest's own figures change no answer."""
        lines = (f"{name} {file.sha256}\n" for name, file in sorted(self.files.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def files_of(folder: Path) -> dict[str, File]:
    """Size and hash of every file in a folder, but for the manifest."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {str(path.relative_to(folder)): File(bytes=path.stat().st_size, sha256=_sha256(path)) for path in paths}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write manifest.json, which makes the folder a whole bundle: so it comes last."""
    write_json(folder / MANIFEST, manifest.model_dump(mode="json"))


def read_manifest(folder: Path) -> Manifest:
    """The manifest, without a look at the files.

    Raises:
        BundleError: if it is missing or damaged.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(f"no bundle in {folder} (it has no {MANIFEST}): run `dvc repro export`")
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BundleError(f"{path} is damaged ({where}: {first['msg']}): {AGAIN}") from None


def check_bundle(folder: Path) -> Manifest:
    """The manifest, after every file was found to be what it says.

    Raises:
        BundleError: naming the first file that is missing, damaged, or not of this bundle.
    """
    manifest = read_manifest(folder)
    problem = next(_problems(folder, manifest), None)
    if problem:
        raise BundleError(problem)
    return manifest


def _problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, noted in manifest.files.items():
        path = folder / name
        if not path.is_file():
            yield f"{path} is missing: {AGAIN}"
        elif path.stat().st_size != noted.bytes:
            yield f"{path} is damaged (it has {path.stat().st_size} bytes, not {noted.bytes}): {AGAIN}"
        elif _sha256(path) != noted.sha256:
            yield f"{path} is damaged (its content is not what {MANIFEST} says): {AGAIN}"
    here = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    for name in sorted(here - manifest.files.keys() - {MANIFEST}):
        yield f"{folder / name} is not of this bundle: remove it, or {AGAIN}"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
