"""What dvc.yaml has to declare as a stage's code, so that DVC sees every change and few that are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from components.fingerprints.code import ROOT, read_code

ENOUGH = 0.6
"""Share of a folder's files that a stage needs, from which on the folder is declared as a whole."""
_NOT_CODE = {".md", ".pyc"}


def wanted_deps(stage: str) -> set[str]:
    """Folders and files, with the plug-ins of all names."""
    needed = {ROOT / name for name in read_code(f"components.{stage}.stage").files}
    return {path.relative_to(ROOT).as_posix() for path in _collapse(ROOT / "components", needed)}


def _collapse(folder: Path, needed: set[Path]) -> Iterator[Path]:
    held = _files(folder)
    if len(needed.intersection(held)) >= ENOUGH * len(held):
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path in needed:
            yield path
        elif path.is_dir() and needed.intersection(_files(path)):
            yield from _collapse(path, needed)


def _files(folder: Path) -> set[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "__init__.py")
    return {path for path in found if path.suffix not in _NOT_CODE}
