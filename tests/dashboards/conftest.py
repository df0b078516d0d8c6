"""One recorded repository for all tests of the dashboard; tests that damage it take a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from tests.dashboards.world import World, build


def pytest_addoption(parser: pytest.Parser) -> None:
    """--screenshots DIR keeps the pictures of the pages."""
    parser.addoption("--screenshots", default=None, help="folder for the dashboard's screenshots")


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A repository with a commit, an experiment and a workspace. Read it; do not change it."""
    return build(tmp_path_factory.mktemp("recorded"))


@pytest.fixture
def world(recorded: World, tmp_path: Path) -> World:
    """A copy of the repository that a test may damage."""
    root = tmp_path / "repository"
    shutil.copytree(recorded.root, root, symlinks=True)
    return World(root, recorded.experiment, recorded.commit)


@pytest.fixture
def in_repository(recorded: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The current folder is the recorded repository, as when the dashboard is started there."""
    monkeypatch.chdir(recorded.root)
    st.cache_data.clear()
    yield recorded
