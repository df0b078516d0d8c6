"""A module that lists plug-ins by name, cut down to those that count."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def keep_entries(tree: ast.Module, kept: frozenset[str]) -> None:
    """Take out of the module's tables the entries of other names, with the imports that they alone needed.

    A table of plug-ins is a dictionary at the top of a module: from names to what the module has imported.
    """
    imported = {alias.asname or alias.name.partition(".")[0] for node in _imports(tree) for alias in node.names}
    listed: set[str] = set()
    for table in _tables(tree, imported):
        entries = list(zip(table.keys, table.values, strict=True))
        left = [(key, value) for key, value in entries if isinstance(key, ast.Constant) and key.value in kept]
        table.keys, table.values = [key for key, _ in left], [value for _, value in left]
        listed |= {_root(value) for _, value in entries}
    _drop_imports(tree, listed - {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})


def _tables(tree: ast.Module, imported: set[str]) -> Iterator[ast.Dict]:
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Dict) and value.values and all(_root(one) in imported for one in value.values):
            yield value


def _root(node: ast.expr) -> str:
    """The first part of a dotted name; "" if it is none."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    return (node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))


def _drop_imports(tree: ast.Module, names: set[str]) -> None:
    for node in list(_imports(tree)):
        node.names = [alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) not in names]
        if not node.names:
            tree.body.remove(node)
