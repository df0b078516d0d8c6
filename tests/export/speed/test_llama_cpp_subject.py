"""A bundle for llama.cpp, timed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from components.export.speed.process import Process
from tests.bundles.llama_cpp.conftest import llama_cpp_folder, untied_pair

pytest.importorskip("llama_cpp")
__all__ = ["llama_cpp_folder", "untied_pair"]
TOKENS = 24


@pytest.mark.parametrize("picture", [None, Image.new("RGB", (90, 60), "red")], ids=["text", "picture"])
def test_answers_have_as_many_tokens_as_asked_for(llama_cpp_folder: Path, picture: Image.Image | None) -> None:
    with Process("gguf", llama_cpp_folder, threads=1) as process:
        timing = process.answer("무엇이 있나요?", picture, TOKENS)
        assert timing.tokens == TOKENS
        assert 0 < timing.first < timing.first + timing.decode <= timing.total
        assert timing.characters > 0
