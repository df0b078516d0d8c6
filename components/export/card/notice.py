"""The file NOTICE, and copies of licences that came with the backbones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.export.card.licences import PARTS
from components.files.atomic import write_text
from components.stages.paths import BACKBONES

NOTICE = "NOTICE"
_KEPT = ("LICENSE*", "LICENCE*", "NOTICE*")


def write_notice(folder: Path, licences: dict[str, Any]) -> None:
    """Write NOTICE: what must be shown, each part's notice, and that its files were modified.

    Args:
        folder: the bundle's.
        licences: as ``licences_of`` gives them.
    """
    write_text(folder / NOTICE, "\n".join(_lines(licences)))


def copy_licences(folder: Path) -> dict[str, list[str]]:
    """Copy the licence files that lie beside each backbone's weights into a bundle's folder.

    Returns:
        For each part, the copies' names: the originals' behind the part's.
    """
    return {part: [_copy(path, folder, part) for path in _licence_files(BACKBONES / part)] for part in PARTS}


def _licence_files(folder: Path) -> list[Path]:
    return sorted({path for pattern in _KEPT for path in folder.glob(pattern) if path.is_file()})


def _copy(path: Path, folder: Path, part: str) -> str:
    name = f"{part}-{path.name}"
    shutil.copyfile(path, folder / name)
    return name


def _lines(licences: dict[str, Any]) -> Iterator[str]:
    yield licences["name"]
    yield from licences["shown"]
    yield ""
    # The same notice of two parts stands once.
    notices = dict.fromkeys((part["notice"], part["title"]) for part in licences["parts"].values())
    for text, title in notices:
        yield from (text or f"A part under a licence that is {title}: see README.md", "")
    yield "The files of this bundle are modified versions: joined with a connector, trained, converted and quantised."
    if any(part["text_needed"] for part in licences["parts"].values()):
        yield "Use of them is subject to the restrictions of the licences above, for whomever they are passed on to."
    for licence in licences["data"].values():
        yield from ("", f"Trained on data under {licence['title']}: {', '.join(licence['sources'])}")
        yield from (licence["conditions"]["en"], licence["link"])
    yield ""
