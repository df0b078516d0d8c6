"""llama.cpp's quantiser, told or not told which weights matter."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
import torch

from components.export.gguf.importance import measure_importance
from components.export.gguf.language_model import write_language_model
from components.export.gguf.quantise import NotQuantised, quantise
from components.export.samples import Sample
from tests.export.conftest import Pair

SAMPLES = [
    Sample("a/1", list(range(20, 60)), [True] * 40, None),
    Sample("a/2", list(range(300, 310)), [True] * 10, None),
]


@pytest.fixture(scope="module")
def plain(without_cls: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The language model in F32."""
    pytest.importorskip("llama_cpp")
    path = tmp_path_factory.mktemp("plain") / "f32.gguf"
    write_language_model(path, without_cls[0], None, "F32")
    return path


def tensor(path: Path, name: str) -> np.ndarray:
    """A file's tensor in F32."""
    found = next(each for each in gguf.GGUFReader(path).tensors if each.name == name)
    return gguf.dequantize(found.data, found.tensor_type)


@torch.no_grad()
def test_importance_is_the_mean_square_of_what_a_layer_reads(without_cls: Pair) -> None:
    reader = without_cls[0].model.language_model
    found = measure_importance(*without_cls, SAMPLES)
    assert set(found) == {
        f"blk.{number}.{name}.weight"
        for number in range(2)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    }
    # What the first layer's queries read does not depend on what stands before: the normalised embeddings.
    ids = torch.tensor([token for sample in SAMPLES for token in sample.ids])
    expected = reader.layers[0].input_layernorm(reader.embed_tokens(ids)).square().mean(0)
    assert np.allclose(found["blk.0.attn_q.weight"], expected.numpy(), rtol=1e-4)
    assert found["blk.1.ffn_down.weight"].shape == (160,)
    assert not reader.layers[0].self_attn.q_proj._forward_pre_hooks


@pytest.mark.parametrize("kind", ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "IQ4_XS"])
def test_quantised_weights_are_near(kind: str, plain: Path, tmp_path: Path) -> None:
    quantise(plain, tmp_path / "q.gguf", kind)
    before, after = (tensor(path, "blk.1.attn_v.weight") for path in (plain, tmp_path / "q.gguf"))
    assert 0 < np.abs(before - after).mean() < 0.1 * before.std()
    assert (tmp_path / "q.gguf").stat().st_size < 0.4 * plain.stat().st_size


def test_weights_that_matter_are_kept_better(plain: Path, tmp_path: Path) -> None:
    name = "blk.0.ffn_up.weight"
    importance = np.full(64, 1e-3, np.float32)
    importance[::8] = 100.0
    quantise(plain, tmp_path / "without.gguf", "Q4_0")
    quantise(plain, tmp_path / "with.gguf", "Q4_0", {name: importance})
    before = tensor(plain, name)
    errors = [np.abs(tensor(tmp_path / f"{which}.gguf", name) - before) for which in ("without", "with")]
    assert errors[1][:, ::8].mean() < 0.8 * errors[0][:, ::8].mean()
    other = "blk.0.ffn_gate.weight"
    assert np.array_equal(tensor(tmp_path / "with.gguf", other), tensor(tmp_path / "without.gguf", other))


def test_unknown_type_is_named(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(NotQuantised, match="no type Q3_14: try"):
        quantise(plain, tmp_path / "q.gguf", "Q3_14")


def test_damaged_source_leaves_no_file(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.gguf").write_bytes(plain.read_bytes()[:5000])
    with pytest.raises(NotQuantised, match=r"could not quantise .*cut\.gguf"):
        quantise(tmp_path / "cut.gguf", tmp_path / "q.gguf", "Q8_0")
    assert not (tmp_path / "q.gguf").exists()
