"""``hub:<owner>/<name>@<revision>[/<pattern>]``: data sets of the Hugging Face hub.

The revision is a commit's 40 digits, so that every run has the same data; a pattern such as ``data/*.parquet``
leaves other files out. The library takes the token from HF_TOKEN, and goes on with downloads that broke off.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from components.ingest.records import SourceError
from components.stages.keys import hide, read_key

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_PLACE = re.compile(rf"(?P<name>{_NAME}/{_NAME})(@(?P<revision>[^/]+))?(/(?P<pattern>[^@]+))?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_ANSWER_S = 10


@dataclass(frozen=True)
class Wanted:
    """What a place names."""

    name: str
    """``<owner>/<name>``."""
    revision: str
    """Of a commit, in full."""
    pattern: str | None
    """Of the files that are used; None: all."""

    @property
    def page(self) -> str:
        """Where people look at the data set, and accept its conditions."""
        return f"https://huggingface.co/datasets/{self.name}"


def parse(place: str, endpoint: str | None = None) -> Wanted:
    """The data set, its revision and its files.

    Args:
        endpoint: address of the hub, if not the usual one; it is asked for the newest revision if none is given.

    Raises:
        SourceError: if the place is none, or leaves the revision open; with what to paste.
    """
    match = _PLACE.fullmatch(place)
    if not match:
        raise SourceError(
            f"origin 'hub:{place}' in params.yaml names no data set: write hub:<owner>/<name>@<revision>[/<pattern>]"
        )
    if not _COMMIT.fullmatch(match["revision"] or ""):
        raise SourceError(f"origin 'hub:{place}' in params.yaml has no fixed revision: {_how_to_pin(match, endpoint)}")
    return Wanted(match["name"], match["revision"], match["pattern"])


def _how_to_pin(match: re.Match[str], endpoint: str | None) -> str:
    """The origin with a revision, if the hub answers; else where to find one."""
    from huggingface_hub import HfApi  # not at the top: what is not of the hub should not wait for it

    rest = f"/{match['pattern']}" if match["pattern"] else ""
    try:
        info = HfApi(endpoint=endpoint).dataset_info(match["name"], revision=match["revision"], timeout=_ANSWER_S)
    except Exception as error:  # the library's client has errors of its own; without an answer, advice must do
        return (
            f"write hub:{match['name']}@<40 digits of a commit>{rest}; they stand at "
            f"https://huggingface.co/datasets/{match['name']}/commits/main (the hub was asked: {type(error).__name__})"
        )
    return f"paste hub:{match['name']}@{info.sha}{rest} (what it is at present)"


def fetch(place: str, seed: int, scratch: Path, endpoint: str | None = None) -> Path:
    """The data set's folder: in the hub's cache, or, of files by pattern, in scratch.

    Args:
        endpoint: address of the hub, if not the usual one.

    Raises:
        SourceError: if the place leaves the revision open, or the hub does not give the data set.
    """
    from huggingface_hub import snapshot_download

    token = read_key("HF_TOKEN")  # which the library reads, too
    wanted = parse(place, endpoint)
    try:
        folder = snapshot_download(
            wanted.name,
            repo_type="dataset",
            revision=wanted.revision,
            allow_patterns=wanted.pattern,
            local_dir=_own_folder(wanted, scratch),
            endpoint=endpoint,
        )
    except Exception as error:  # the library's client has errors of its own
        raise SourceError(f"hub:{place}: {hide(_why(error, wanted), token)}") from None
    if not any(_files(Path(folder))):
        raise SourceError(f"hub:{place}: the data set has no such files; look at {wanted.page}/tree/{wanted.revision}")
    return Path(folder)


def _own_folder(wanted: Wanted, scratch: Path) -> Path | None:
    """None for a whole data set. The cache mixes what different patterns brought, so these get folders apart."""
    if wanted.pattern is None:
        return None
    digest = hashlib.sha256(f"{wanted.name}@{wanted.revision}/{wanted.pattern}".encode()).hexdigest()[:16]
    return scratch / f"hub-{digest}"


def _files(folder: Path) -> Iterator[Path]:
    """A data set's files, without the library's own notes."""
    return (path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).parts[0] != ".cache")


def _why(error: Exception, wanted: Wanted) -> str:
    """An error of the library's in plain words, with what to do."""
    from huggingface_hub import errors

    match error:
        case errors.GatedRepoError():
            return (
                f"the data set is open only to those who accept its conditions: do so at {wanted.page}, "
                "and set HF_TOKEN to a token of that account"
            )
        case errors.RepositoryNotFoundError():
            return f"the hub knows no such data set, or it is private (set HF_TOKEN then): look at {wanted.page}"
        case errors.RevisionNotFoundError():
            return f"the data set has no such revision: take one from {wanted.page}/commits/main"
        case errors.HfHubHTTPError():
            return f"the hub answered {error.response.status_code}: run the stage again later, or check HF_TOKEN"
        case errors.LocalEntryNotFoundError() if isinstance(error.__cause__, errors.HfHubHTTPError):
            return _why(error.__cause__, wanted)
        case errors.LocalEntryNotFoundError() | errors.OfflineModeIsEnabled():
            return "the hub cannot be reached, and the data set is not here in full: check the network, HF_HUB_OFFLINE"
        case errors.EntryNotFoundError():
            return f"a file of the data set is missing: look at {wanted.page}/tree/{wanted.revision}"
    text = " ".join(str(error).split())[:300]
    return f"it could not be downloaded ({type(error).__name__}: {text}): run the stage again, it goes on where it was"
