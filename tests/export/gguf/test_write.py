"""A whole bundle's files."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from components.bundles.llama_cpp.library import NotInstalled
from components.export.gguf.refusals import NotForLlamaCpp
from components.export.gguf.vocabulary import read_vocabulary
from components.export.gguf.write import check_model, write_gguf
from components.export.samples import Sample
from components.scenes.shapes import Board
from tests.export.conftest import Pair
from tests.model.tiny import tokenizer as demo_tokenizer


def test_folder_holds_three_files_and_nothing_else(without_cls: Pair, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    picture = Board.sample(random.Random(0)).draw()
    samples = [
        Sample("a/1", [10, *[4] * 144, 11, 12], [True] * 147, picture),
        Sample("a/2", [20, 21], [True] * 2, None),
    ]
    write_gguf(tmp_path, *without_cls, language_type="Q4_K_M", projector_type="Q8_0", samples=samples)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"language_model-Q4_K_M.gguf", "projector-Q8_0.gguf", "chat_template.jinja"}


def test_samples_make_a_difference_where_the_type_profits(without_cls: Pair, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    samples = [Sample("a/1", list(range(10, 90)), [True] * 80, None)]
    written = {}
    for name, kind, given in (
        ("a", "Q4_0", None),
        ("b", "Q4_0", samples),
        ("c", "Q8_0", None),
        ("d", "Q8_0", samples),
    ):
        (tmp_path / name).mkdir()
        write_gguf(tmp_path / name, *without_cls, language_type=kind, samples=given)
        written[name] = (tmp_path / name / f"language_model-{kind}.gguf").read_bytes()
    assert written["a"] != written["b"]
    assert written["c"] == written["d"]


def test_what_llama_cpp_cannot_run_is_refused_before_anything_is_written(
    without_cls: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(without_cls[0].config.vision_config, "patch_size", 8)  # as the demo's: 12 x 12 patches
    with pytest.raises(NotForLlamaCpp, match="has it for 24 x 24"):
        write_gguf(tmp_path, *without_cls, language_type="F16")
    assert not list(tmp_path.iterdir())


def test_model_is_checked_without_the_library(
    without_cls: Pair, monkeypatch: pytest.MonkeyPatch, no_library: None
) -> None:
    model, processor = without_cls
    assert check_model(model, processor) == read_vocabulary(model, processor)
    with monkeypatch.context() as patch, pytest.raises(NotForLlamaCpp, match="hidden_act is 'gelu'"):
        patch.setattr(model.config.text_config, "hidden_act", "gelu")
        check_model(model, processor)
    with monkeypatch.context() as patch, pytest.raises(NotForLlamaCpp, match="has it for 24 x 24"):
        patch.setattr(model.config.vision_config, "patch_size", 8)
        check_model(model, processor)
    with monkeypatch.context() as patch, pytest.raises(NotForLlamaCpp, match="only byte-level BPE is written"):
        patch.setattr(processor, "tokenizer", demo_tokenizer())
        check_model(model, processor)
    with monkeypatch.context() as patch, pytest.raises(NotForLlamaCpp, match="chat template must hold"):
        patch.setattr(processor, "chat_template", "{{ messages }}")
        check_model(model, processor)


def test_quantising_without_the_library_brings_the_command(without_cls: Pair, tmp_path: Path, no_library: None) -> None:
    with pytest.raises(NotInstalled, match=r"pip install 'small-korean-vlm\[gguf\]'"):
        write_gguf(tmp_path, *without_cls, language_type="Q8_0")
    assert not list(tmp_path.glob("*.gguf"))


def test_without_the_library_plain_types_are_written(
    without_cls: Pair, tmp_path: Path, no_library: None, caplog: pytest.LogCaptureFixture
) -> None:
    write_gguf(tmp_path, *without_cls, language_type="BF16")
    assert (tmp_path / "language_model-BF16.gguf").is_file()
    assert "was not tried" in caplog.text
