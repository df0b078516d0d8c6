"""The code that a result depends on: some modules with all that they import, directly or not, from this project."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from components.fingerprints.opened import opened_by
from components.fingerprints.source import Source, read_source

PROJECT = "components"
ROOT = Path(__file__).resolve().parents[2]
"""Where this code lies."""

Chosen = Mapping[str, frozenset[str]]
"""Modules that know plug-ins by name, each with the names that count; of those that are not in it, all count."""


@dataclass(frozen=True)
class Code:
    """Files, each with the digest of what counts in it, and the libraries that they import."""

    files: dict[str, str]
    libraries: frozenset[str]
    """By the name that an import has."""


def read_code(*starts: str, chosen: Chosen | None = None, without: Sequence[str] = (), root: Path = ROOT) -> Code:
    """Follow imports from some modules, those within functions too, but not those for types alone.

    Args:
        starts: dotted names.
        chosen: which plug-ins count.
        without: modules and packages that are neither counted nor followed.
        root: the folder in which the package ``components`` lies.

    Raises:
        LookupError: if a module is not there.
    """
    closure = _Closure(root, chosen or {}, tuple(without))
    for start in starts:
        if closure.find(start) != start:
            raise LookupError(f"no module {start} in {root}")
        closure.follow(start)
    return Code(dict(sorted(closure.files.items())), frozenset(closure.libraries))


@dataclass
class _Closure:
    """What was found so far."""

    root: Path
    chosen: Chosen
    without: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    libraries: set[str] = field(default_factory=set)
    followed: set[str] = field(default_factory=set)

    def follow(self, start: str) -> None:
        """Take in a module and all that it imports."""
        todo = [start]
        while todo:
            module = todo.pop()
            if module not in self.followed and not self._is_left_out(module):
                self.followed.add(module)
                todo += self._take_in(module)

    def find(self, name: str) -> str | None:
        """The module that a dotted name is, or is taken from."""
        while name and _file(self.root, name) is None:
            name = name.rpartition(".")[0]
        return name or None

    def _take_in(self, module: str) -> Iterator[str]:
        """Count a module and the packages around it; gives the modules that it leads to."""
        for package in _packages(module):
            # Its lines run when what is inside is imported; what it imports for others decides nothing.
            if around := _file(self.root, package):
                self._count(package, around)
        path = _file(self.root, module)
        assert path is not None  # it was found
        source = self._count(module, path)
        for name in sorted(source.imports):
            if name.partition(".")[0] != PROJECT:
                self.libraries.add(name.partition(".")[0])
            elif found := self.find(name):
                yield found
        yield from self._open(module, path.parent)

    def _count(self, module: str, path: Path) -> Source:
        source = read_source(path, module, self.chosen.get(module))
        if source.digest and not self._is_left_out(module):
            self.files[self._name(path)] = source.digest
        return source

    def _open(self, module: str, folder: Path) -> Iterator[str]:
        """Count data that a module opens; gives the modules among it."""
        for opened in opened_by(module, folder, self.chosen.get(module)):
            if opened.suffix == ".py":
                yield ".".join(opened.relative_to(self.root).with_suffix("").parts)
            else:
                state = opened.stat()
                self.files[self._name(opened)] = _bytes_digest(opened, state.st_mtime_ns, state.st_size)

    def _is_left_out(self, module: str) -> bool:
        return any(module == name or module.startswith(f"{name}.") for name in self.without)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _packages(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts)))


def _file(root: Path, module: str) -> Path | None:
    place = root.joinpath(*module.split("."))
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None


@lru_cache(maxsize=1024)
def _bytes_digest(path: Path, *state: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
