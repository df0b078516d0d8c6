"""A bundle of a small model, and the model."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from components.export.gguf.write import write_gguf
from components.scenes.words import Sign, Word
from tests.export.conftest import Pair
from tests.export.gguf.tiny import make_pair


@pytest.fixture(scope="session")
def untied_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A model whose answers vary from token to token. Not to be changed."""
    return make_pair(tmp_path_factory.mktemp("untied"), tied=False, use_cls=False)


@pytest.fixture(scope="session")
def llama_cpp_folder(untied_pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its bundle. Not to be changed."""
    folder = tmp_path_factory.mktemp("bundle")
    write_gguf(folder, *untied_pair, language_type="F16", projector_type="F16")
    return folder


@pytest.fixture(scope="session")
def shown() -> Image.Image:
    """A picture of a sign that is not square."""
    return Sign((Word("출구", 30, 60, 48, "NanumGothic"),), 0).draw().crop((0, 0, 96, 80))
