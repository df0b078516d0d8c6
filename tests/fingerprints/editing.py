"""Changes to a file: some that change what runs, and some that do not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def edited(file: Path, text: str) -> Iterator[None]:
    """The file holds another text for a while."""
    before = file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def changed(file: Path) -> str:
    """With one more line that runs."""
    return file.read_text(encoding="utf-8") + "\nADDED = 1\n"


def reworded(file: Path) -> str:
    """Formatted by another hand, with other comments and other docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body[0] = ast.Expr(ast.Constant("Said in other words."))
    text = "# A remark.\n" + ast.unparse(ast.fix_missing_locations(tree)).replace("\n\n", "\n\n\n")
    assert text != file.read_text(encoding="utf-8")
    return text
