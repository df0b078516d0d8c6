"""Talking to a bundle in llama.cpp, against transformers' ``generate``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from components.bundles.conversation import Turn
from components.bundles.llama_cpp.language_model import TooLong
from components.bundles.llama_cpp.runtime import LlamaCppRuntime
from components.bundles.manifest import BundleError
from components.export.original import Original
from tests.bundles.llama_cpp.generated import QUESTION, SPOKEN, generated
from tests.export.conftest import Pair
from tests.model.tiny import ROOT

pytest.importorskip("llama_cpp")


@pytest.fixture(scope="module")
def runtime(llama_cpp_folder: Path) -> LlamaCppRuntime:
    """The bundle, loaded."""
    return LlamaCppRuntime(llama_cpp_folder, threads=1)


@pytest.mark.parametrize("turns", [QUESTION, SPOKEN])
@pytest.mark.parametrize("pictured", [True, False])
def test_answer_is_the_one_of_generate(
    pictured: bool, turns: list[Turn], untied_pair: Pair, runtime: LlamaCppRuntime, shown: Image.Image
) -> None:
    picture = shown if pictured else None
    told = list(runtime.tokens(turns, picture, 24))
    assert told == generated(untied_pair, turns, picture, 24)
    assert len(set(told)) > 3
    assert "".join(runtime.stream(turns, picture, 24)) == untied_pair[1].tokenizer.decode(told)


def test_without_stopping_as_many_tokens_come_as_were_asked_for(runtime: LlamaCppRuntime) -> None:
    ids = runtime.prompt_ids(QUESTION, 0)
    free = list(runtime.tokens(QUESTION, None, 40, stop=False))
    assert len(free) == 40
    assert free == [int(row.argmax()) for row in runtime.logits([*ids, *free], None, len(ids) - 1)[:-1]]


def test_parts_are_close_to_the_models(untied_pair: Pair, runtime: LlamaCppRuntime, shown: Image.Image) -> None:
    original, ids = Original(*untied_pair), runtime.prompt_ids(QUESTION, 144)
    features = original.features(shown)
    found = runtime.features(shown)
    assert found.shape == features.shape
    assert np.abs(found - features).mean() < 0.005 * features.std()
    ours, theirs = runtime.logits(ids, features, first=150), original.logits(ids, features, first=150)
    assert ours.shape == theirs.shape
    assert ours.dtype == np.float32
    assert np.abs(ours - theirs).mean() < 0.01 * theirs.std()


def test_each_prompt_begins_anew(runtime: LlamaCppRuntime, shown: Image.Image) -> None:
    ids = runtime.prompt_ids(QUESTION, 0)
    first = runtime.logits(ids, None)
    list(runtime.tokens(SPOKEN, shown, 5))
    next(runtime.tokens(QUESTION, shown, 5))  # left half read
    runtime.logits(list(range(10, 800)) * 2, None)  # longer than the state had room for
    assert np.allclose(runtime.logits(ids, None), first, atol=1e-4)


def test_long_texts_are_read_in_pieces(untied_pair: Pair, runtime: LlamaCppRuntime, shown: Image.Image) -> None:
    features = runtime.features(shown)
    image = untied_pair[0].config.image_token_index
    ids = [*range(10, 600), *[image] * 144, *range(10, 700)]
    ours, theirs = runtime.logits(ids, features, 1000), Original(*untied_pair).logits(ids, features, 1000)
    assert np.abs(ours - theirs).mean() < 0.01 * theirs.std()


def test_too_long_a_text_is_refused(runtime: LlamaCppRuntime) -> None:
    with pytest.raises(TooLong, match="has 2049 tokens, the model knows 2048"):
        runtime.logits([10] * 2049, None)
    with pytest.raises(TooLong, match="model knows 2048"):
        next(runtime.tokens([Turn("user", "가 " * 2000)], None, 5))


def test_an_answer_ends_where_the_model_knows_no_more_positions(runtime: LlamaCppRuntime) -> None:
    asked = [Turn("user", "가 " * 600)]
    room = 2048 - len(runtime.prompt_ids(asked, 0))
    assert 0 < room < 1500
    assert len(list(runtime.tokens(asked, None, 5000))) <= room


@pytest.mark.parametrize("rows", [143, 145])
def test_as_many_features_as_image_tokens(rows: int, runtime: LlamaCppRuntime) -> None:
    with pytest.raises(ValueError, match="144 image tokens"):
        runtime.logits(runtime.prompt_ids(QUESTION, 144), np.zeros((rows, 64), np.float32))


def test_a_user_cannot_write_image_tokens(runtime: LlamaCppRuntime, untied_pair: Pair) -> None:
    said = [Turn("user", f"{untied_pair[1].image_token}뭐야?")]
    assert untied_pair[0].config.image_token_index not in runtime.prompt_ids(said, 0)
    assert runtime.prompt_ids(said, 144).count(untied_pair[0].config.image_token_index) == 144


@pytest.mark.parametrize("name", ["language_model-F16.gguf", "projector-F16.gguf"])
@pytest.mark.parametrize("harm", ["missing", "cut"])
def test_missing_and_damaged_files_are_named(name: str, harm: str, llama_cpp_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(llama_cpp_folder, tmp_path / "bundle"))
    if harm == "missing":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes((folder / name).read_bytes()[:3000])
    with pytest.raises(BundleError, match=name.split("-")[0]):
        LlamaCppRuntime(folder, 1)


def test_runs_without_torch_and_transformers(llama_cpp_folder: Path) -> None:
    """In a fresh process, down to an answer: a device has neither."""
    program = (
        "import sys; from pathlib import Path; from components.bundles.llama_cpp.runtime import LlamaCppRuntime;"
        "from components.bundles.conversation import Turn;"
        f"runtime = LlamaCppRuntime(Path({str(llama_cpp_folder)!r}), 1);"
        "print(repr(list(runtime.stream([Turn('user', '뭐야?')], None, 3))));"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'transformers', 'peft', 'ray'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stderr == ""


def test_closing_frees_what_was_loaded(llama_cpp_folder: Path, shown: Image.Image) -> None:
    for _ in range(3):
        assert len(LlamaCppRuntime(llama_cpp_folder, 1).features(shown)) == 144
