"""The language model's file: what it holds, and what llama.cpp computes from it."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
import torch

from components.export.gguf.language_model import write_language_model
from components.export.gguf.refusals import NotForLlamaCpp
from components.export.gguf.vocabulary import read_vocabulary
from components.export.original import Original
from tests.export.conftest import Pair
from tests.export.gguf.tiny import make_pair


@pytest.fixture(scope="module")
def untied(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A model whose head has weights of its own."""
    return make_pair(tmp_path_factory.mktemp("untied"), tied=False, use_cls=False)


def some_ids(count: int, seed: int = 0) -> list[int]:
    """Ids of ordinary tokens."""
    return np.random.default_rng(seed).integers(10, 900, count).tolist()


def logits_of(path: Path, ids: list[int]) -> np.ndarray:
    """llama.cpp's."""
    pytest.importorskip("llama_cpp")
    from components.bundles.llama_cpp.language_model import LanguageModel

    return LanguageModel(path, threads=1).logits(ids, None)


def test_file_says_what_llama_cpp_asks_for(without_cls: Pair, gguf_folder: Path) -> None:
    reader = gguf.GGUFReader(gguf_folder / "language_model-BF16.gguf")
    said = {key: reader.fields[key].contents() for key in reader.fields if key.startswith(("llama.", "general.arch"))}
    assert said == {
        "general.architecture": "llama",
        "llama.context_length": 2048,
        "llama.embedding_length": 64,
        "llama.block_count": 2,
        "llama.feed_forward_length": 160,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
        "llama.attention.key_length": 32,
        "llama.attention.value_length": 32,
        "llama.rope.dimension_count": 32,
        "llama.rope.freq_base": 500_000.0,
        "llama.attention.layer_norm_rms_epsilon": pytest.approx(1e-6),
    }
    assert reader.fields["korean_vlm.image_token_id"].contents() == without_cls[0].config.image_token_index


def test_head_is_left_out_where_it_is_the_embedding_table(without_cls: Pair, untied: Pair, tmp_path: Path) -> None:
    for name, pair, expected in (("tied", without_cls, False), ("untied", untied, True)):
        write_language_model(tmp_path / name, pair[0], None, "F16")
        names = {tensor.name for tensor in gguf.GGUFReader(tmp_path / name).tensors}
        assert ("output.weight" in names) == expected
        assert {"token_embd.weight", "output_norm.weight", "blk.1.ffn_down.weight"} < names


@pytest.mark.parametrize("tied", [True, False])
def test_logits_are_the_models(tied: bool, without_cls: Pair, untied: Pair, tmp_path: Path) -> None:
    pair = without_cls if tied else untied
    write_language_model(tmp_path / "f32.gguf", pair[0], read_vocabulary(*pair), "F32")
    ids = some_ids(700)  # more than are read at once
    ours, theirs = logits_of(tmp_path / "f32.gguf", ids), Original(*pair).logits(ids, None)
    assert ours.shape == theirs.shape
    # Keys and values lie in 16 bits in llama.cpp.
    assert np.abs(ours - theirs).max() < 0.02 * theirs.std()
    assert (ours.argmax(-1) == theirs.argmax(-1)).mean() >= 0.99


def test_first_choices_in_bf16_are_the_models_but_for_near_ties(untied: Pair, tmp_path: Path) -> None:
    write_language_model(tmp_path / "bf16.gguf", untied[0], None, "BF16")
    ids = some_ids(400, seed=1)
    ours, theirs = logits_of(tmp_path / "bf16.gguf", ids), Original(*untied).logits(ids, None)
    best_two = np.sort(theirs, axis=-1)[:, -2:]
    clear = best_two[:, 1] - best_two[:, 0] > 0.05 * theirs.std()
    assert clear.mean() > 0.8
    assert (ours.argmax(-1) == theirs.argmax(-1))[clear].mean() >= 0.99
    assert np.abs(ours - theirs).mean() < 0.02 * theirs.std()


def test_without_vocabulary_ids_give_the_same_logits(without_cls: Pair, tmp_path: Path) -> None:
    write_language_model(tmp_path / "with.gguf", without_cls[0], read_vocabulary(*without_cls), "F32")
    write_language_model(tmp_path / "without.gguf", without_cls[0], None, "F32")
    ids = some_ids(20)
    assert np.array_equal(logits_of(tmp_path / "with.gguf", ids), logits_of(tmp_path / "without.gguf", ids))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("model_type", "mistral", "model_type is 'mistral'"),
        ("hidden_act", "gelu", "hidden_act is 'gelu'"),
        ("attention_bias", True, "attention_bias is True"),
        ("rope_parameters", {"rope_type": "llama3", "rope_theta": 1e4}, "rope_type is 'llama3'"),
    ],
)
def test_settings_that_would_be_lost_are_refused(
    key: str, value: object, message: str, with_cls: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(with_cls[0].config.text_config, key, value)
    with pytest.raises(NotForLlamaCpp, match=message):
        write_language_model(tmp_path / "x.gguf", with_cls[0], None, "F32")
    assert not list(tmp_path.iterdir())


def test_weights_in_bf16_are_written_as_they_are(without_cls: Pair, tmp_path: Path) -> None:
    rounded = without_cls[0].model.language_model.embed_tokens.weight.bfloat16()
    write_language_model(tmp_path / "bf16.gguf", without_cls[0], None, "BF16")
    tensor = next(t for t in gguf.GGUFReader(tmp_path / "bf16.gguf").tensors if t.name == "token_embd.weight")
    assert tensor.tensor_type == gguf.GGMLQuantizationType.BF16
    found = torch.frombuffer(bytearray(tensor.data.tobytes()), dtype=torch.bfloat16).view(rounded.shape)
    assert torch.equal(found, rounded)
