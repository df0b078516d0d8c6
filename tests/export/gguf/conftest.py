"""Small models that llama.cpp can take, and a bundle of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.bundles.llama_cpp.library import load_library
from components.export.gguf.write import write_gguf
from tests.export.conftest import Pair
from tests.export.gguf.tiny import make_pair


@pytest.fixture(scope="session")
def with_cls(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A model whose image encoder computes the class token. Not to be changed."""
    return make_pair(tmp_path_factory.mktemp("with_cls"), use_cls=True)


@pytest.fixture(scope="session")
def without_cls(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The same without it. Not to be changed."""
    return make_pair(tmp_path_factory.mktemp("without_cls"), use_cls=False)


@pytest.fixture(scope="session")
def gguf_folder(without_cls: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle's files in BF16 and F16. Not to be changed."""
    folder = tmp_path_factory.mktemp("gguf")
    write_gguf(folder, *without_cls, language_type="BF16", projector_type="F16")
    return folder


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine without llama-cpp-python."""
    load_library.cache_clear()
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    yield
    load_library.cache_clear()
