"""Where data sets come from: ``<kind>:<place>``, or an address such as ``s3://...``.

To add a kind: a file with ``fetch`` (and ``parse``, if its places can be wrong), a line in ORIGINS (and in PARSERS).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from components.ingest.origins import aihub, demo, folder, hub, store
from components.ingest.records import SourceError

ORIGINS: dict[str, Callable[[str, int, Path], Path]] = {
    "folder": folder.fetch,
    "demo": demo.fetch,
    "hub": hub.fetch,
    "aihub": aihub.fetch,
}
"""Each takes the place, the seed and a scratch folder, and gives the folder (or the file) that is the data set."""

PARSERS: dict[str, Callable[[str], Any]] = {"hub": hub.parse, "aihub": aihub.parse}
"""Each raises SourceError for a place that cannot be right, whatever there is to fetch."""


def fetch(origin: str, seed: int, scratch: Path) -> Path:
    """Bring a data set here, if it is not here yet.

    Raises:
        SourceError: if the origin is unknown, cannot be reached or holds nothing.
    """
    _check_kind(origin)
    if _protocol(origin):
        return store.fetch(origin, seed, scratch)
    kind, _, place = origin.partition(":")
    return ORIGINS[kind](place, seed, scratch)


def check_origins(origins: Sequence[str]) -> None:
    """See that all origins can be meant, before any of them is fetched.

    Raises:
        SourceError: one for all that are unknown or leave the revision open, with what to write for each.
    """
    faults = [fault for origin in dict.fromkeys(origins) if (fault := _fault(origin))]
    if faults:
        raise SourceError("\n".join(faults))


def _fault(origin: str) -> str:
    """What is wrong with an origin; "" if nothing is."""
    kind, _, place = origin.partition(":")
    try:
        _check_kind(origin)
        if kind in PARSERS:
            PARSERS[kind](place)
    except SourceError as error:
        return str(error)
    return ""


def _check_kind(origin: str) -> None:
    protocol = _protocol(origin)
    kind, colon, _ = origin.partition(":")
    if store.known(protocol) if protocol else colon and kind in ORIGINS:
        return
    kinds = ", ".join(f"{name}:..." for name in ORIGINS)
    raise SourceError(
        f"origin {origin!r} in params.yaml is unknown: use one of {kinds}, s3://... (or another address of fsspec's)"
    )


def _protocol(origin: str) -> str:
    """Of an address, "" if the origin is none."""
    protocol, separator, _ = origin.partition("://")
    return protocol if separator and ":" not in protocol else ""
