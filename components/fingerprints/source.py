"""What counts of one Python file: its digest without what changes nothing, and what it imports."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from components.fingerprints.registry import keep_entries

_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
"""Fields of a syntax tree that say nothing, or nothing that runs."""
_NOTHING = ["(Module", ")"]
_IMPORTING = frozenset({"find_spec", "import_module"})


@dataclass(frozen=True)
class Source:
    """A file as far as it runs: docstrings, comments, formatting and imports for types alone are left out."""

    digest: str
    """"" where nothing runs."""
    imports: frozenset[str]
    """Dotted names of modules, or of what is taken from them; those within functions too."""


def read_source(path: Path, module: str, kept: frozenset[str] | None = None) -> Source:
    """Read a file, or remember it if it has not changed since.

    Args:
        path: the file.
        module: its dotted name, against which relative imports are read.
        kept: of the plug-ins that it lists, those that count; None: all.
    """
    state = path.stat()
    return _read(path, module, kept, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4096)
def _read(path: Path, module: str, kept: frozenset[str] | None, *state: int) -> Source:
    tree = ast.parse(path.read_bytes(), str(path))
    if kept is not None:
        keep_entries(tree, kept)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    reader = _Reader(package)
    reader.read(tree)
    told = "\0".join(reader.told).encode("utf-8", "surrogatepass")
    return Source("" if reader.told == _NOTHING else hashlib.sha256(told).hexdigest(), frozenset(reader.imports))


@dataclass
class _Reader:
    """Tells a syntax tree part by part. Empty fields are left out, so that Python's versions tell the same."""

    package: str
    told: list[str] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)

    def read(self, node: ast.AST) -> None:
        """Note the node and all that is in it."""
        if isinstance(node, ast.Pass) or _is_text(node):
            return
        if isinstance(node, ast.If) and _is_for_types(node.test):
            self._read_value(node.orelse)
            return
        self._note(node)
        self.told.append(f"({type(node).__name__}")
        for name in node._fields:
            value = getattr(node, name, None)
            if name not in _SILENT and value is not None:
                self._read_field(name, value)
        self.told.append(")")

    def _read_field(self, name: str, value: object) -> None:
        before = len(self.told)
        self._read_value(value)
        if len(self.told) > before:
            self.told.insert(before, name)

    def _read_value(self, value: object) -> None:
        if isinstance(value, list):
            for one in value:
                self._read_value(one)
        elif isinstance(value, ast.AST):
            self.read(value)
        else:
            self.told.append(repr(value))

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            self.imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            self.imports.update(self._taken(node))
        elif isinstance(node, ast.Call) and _name(node.func) in _IMPORTING:
            self.imports.update(_texts(node.args[:1]))

    def _taken(self, node: ast.ImportFrom) -> Iterator[str]:
        above = self.package.split(".")[: self.package.count(".") + 2 - node.level] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        return (base if alias.name == "*" else f"{base}.{alias.name}" for alias in node.names)


def _is_text(node: ast.AST) -> bool:
    """A docstring, or a string that stands under what it explains."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_for_types(test: ast.expr) -> bool:
    return _name(test) == "TYPE_CHECKING"


def _name(node: ast.expr) -> str:
    """The last part of a name; "" if it is none."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
