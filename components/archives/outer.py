"""The files that lie in a folder itself, before any archive is opened."""

from __future__ import annotations

import os
from pathlib import Path

from components.archives.errors import SourceError
from components.archives.member import is_rubbish, safe_name


def outer_files(folder: Path) -> list[tuple[str, Path]]:
    """All files under a folder (or the one file), by their path in it, sorted; rubbish and hidden ones are left out.

    Raises:
        SourceError: for what cannot be read, a name that is no text, or a link that leads out of the folder. (Links
            within a cache of the hub's are as they should be.)
    """
    if folder.is_file():
        return [(safe_name(folder.name, str(folder.parent)), folder)]
    root = _allowed(folder)
    found = []
    for here, folders, files in os.walk(folder, onerror=_refuse):
        place = Path(here)
        folders[:] = [name for name in folders if not is_rubbish(f"{name}/")]
        for name in folders:
            _check_link(place / name, root)
        for name in files:
            if not is_rubbish(name):
                found.append(_file(place / name, folder, root))
    return sorted(found)


def _file(path: Path, folder: Path, root: Path) -> tuple[str, Path]:
    name = safe_name(path.relative_to(folder).as_posix(), str(folder))
    _check_link(path, root)
    if not path.is_file():
        raise SourceError(f"{path} is no file that can be read: remove it from the data set's folder")
    return name, path


def _check_link(path: Path, root: Path) -> None:
    """Links within the folder are well; a folder that one leads to is listed where it lies."""
    if not path.is_symlink():
        return
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        raise SourceError(f"{path} is a link that leads nowhere: fetch the data set again, or remove it") from None
    if not target.is_relative_to(root):
        raise SourceError(f"{path} is a link out of its data set's folder: put there what it leads to")


def _allowed(folder: Path) -> Path:
    """Where links may lead: the folder, or the repository's whole cache if it is a snapshot in the hub's."""
    resolved = folder.resolve()
    return resolved.parent.parent if resolved.parent.name == "snapshots" else resolved


def _refuse(error: OSError) -> None:
    raise SourceError(f"{error.filename} cannot be read: {error.strerror}")
