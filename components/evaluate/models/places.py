"""From an origin to a folder on this machine, with what identifies its content."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from components.evaluate.models.spec import EndpointOrigin, FolderOrigin, HubOrigin, ModelError, Origin
from components.files.atomic import write_text
from components.files.digest import folder_digest
from components.stages.keys import read_key

_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")
"""The first kind that a repository has is taken, and that alone."""
_BESIDE_WEIGHTS = ("*.json", "*.jinja", "*.txt", "*.model", "LICENSE*", "NOTICE*")
_CONFIG = ("config.json", "preprocessor_config.json")

Choice = Callable[[Iterable[str]], list[str]]
"""Of a repository's file names, those that are needed."""


@dataclass(frozen=True)
class Place:
    """A folder, and the digest of its files, or the commit that it was fetched at."""

    folder: Path
    digest: str


def locate(origin: Origin, scratch: Path, choice: Choice, endpoint: str | None = None) -> Place:
    """The folder of an origin; from the hub, what ``choice`` takes is downloaded once.

    Args:
        scratch: folder for notes of what was downloaded in full, so that no network is needed again.
        endpoint: address of the hub, if not the usual one.

    Raises:
        ModelError: if the folder holds no model, or the hub does not give it.
    """
    if isinstance(origin, HubOrigin):
        return Place(_fetch(origin, scratch, choice, endpoint), origin.commit)
    if isinstance(origin, EndpointOrigin):
        raise ModelError(f"{origin.base_url}: a model behind an address has layout endpoint")
    return _local(origin)


def model_files(names: Iterable[str]) -> list[str]:
    """Weights in one format (safetensors, else PyTorch's) with configuration and tokenizer; nothing in folders."""
    here = [name for name in names if "/" not in name]
    weights = next((found for kind in _WEIGHTS if (found := fnmatch.filter(here, kind))), [])
    return weights + [name for name in here if any(fnmatch.fnmatch(name, kind) for kind in _BESIDE_WEIGHTS)]


def configuration_files(names: Iterable[str]) -> list[str]:
    """What says how an image encoder is built and how its pictures are prepared, without its weights."""
    return [name for name in names if name in _CONFIG]


def _local(origin: FolderOrigin) -> Place:
    if not (origin.path / "config.json").is_file():
        raise ModelError(f"{origin.path} holds no config.json: origin folder:<path> takes a model's folder")
    return Place(origin.path, folder_digest(origin.path))


def _fetch(origin: HubOrigin, scratch: Path, choice: Choice, endpoint: str | None) -> Path:
    note = scratch / f"{origin.repo.replace('/', '--')}@{origin.commit}.{choice.__name__}"
    if note.is_file() and (known := Path(note.read_text(encoding="utf-8"))).is_dir():
        return known
    read_key("HF_TOKEN")  # which the library reads, too
    try:
        listing = snapshot_download(origin.repo, revision=origin.commit, endpoint=endpoint, dry_run=True)
        wanted = choice(entry.filename for entry in listing)
        folder = snapshot_download(origin.repo, revision=origin.commit, endpoint=endpoint, allow_patterns=wanted)
    except Exception as error:  # the library's client has errors of its own
        raise ModelError(f"hub:{origin.repo}@{origin.commit}: {_why(error, origin)}") from error
    write_text(note, folder)
    return Path(folder)


def _why(error: BaseException, origin: HubOrigin) -> str:
    """An error of the library's in plain words, with what to do."""
    if isinstance(error.__cause__, HfHubHTTPError):  # it may be wrapped in one that says nothing
        return _why(error.__cause__, origin)
    page = f"https://huggingface.co/{origin.repo}"
    if isinstance(error, GatedRepoError):
        return f"its conditions have to be accepted at {page}, and HF_TOKEN set to a token of that account"
    if isinstance(error, RepositoryNotFoundError):
        return f"the hub knows no such model, or it is private (set HF_TOKEN then): look at {page}"
    if isinstance(error, RevisionNotFoundError):
        return f"the model has no such commit: take one from {page}/commits/main"
    return (
        f"it could not be downloaded ({type(error).__name__}): check the network and run again (it "
        "goes on where it was), or copy the model here and give origin folder:<path>"
    )
