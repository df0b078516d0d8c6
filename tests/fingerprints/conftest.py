"""A copy of the project's code that tests may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from components.fingerprints.code import ROOT


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the copy; what is changed in it is put back (editing.edited)."""
    folder = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__", "pretrained", "pretraining")
    shutil.copytree(ROOT / "components", folder / "components", ignore=ignored)
    return folder
