"""The projector's file in the llama.cpp that is installed, and what is not written."""

from __future__ import annotations

import random
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from PIL import Image

from components.bundles.llama_cpp import library
from components.export.gguf.projector import write_projector
from components.export.gguf.projector_check import Verdict, check_projector, verify_projector
from components.export.gguf.refusals import NotForLlamaCpp
from components.export.gguf.write import write_gguf
from components.export.original import Original
from components.scenes.shapes import Board
from tests.export.conftest import Pair
from tests.export.gguf.tiny import make_pair

PICTURES = [Board.sample(random.Random(seed)).draw() for seed in range(2)]
NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8))


def verdict_of(pair: Pair, folder: Path, kind: str) -> Verdict:
    """Write both files, open them, compare."""
    pytest.importorskip("llama_cpp")
    from components.bundles.llama_cpp.runtime import LlamaCppRuntime

    write_gguf(folder, *pair, language_type="F16", projector_type=kind)
    return verify_projector(
        Original(*pair), lambda: LlamaCppRuntime(folder, 1), [*PICTURES, NOISE], pair[0].config.use_cls
    )


@pytest.mark.parametrize(
    ("kind", "cosine", "pattern"), [("F32", 0.999999, 0.9999), ("F16", 0.99999, 0.9999), ("Q8_0", 0.9995, 0.995)]
)
def test_without_class_token_the_runtime_is_right(
    kind: str, cosine: float, pattern: float, without_cls: Pair, tmp_path: Path
) -> None:
    verdict = verdict_of(without_cls, tmp_path, kind)
    assert verdict.is_right
    assert verdict.cosine and verdict.cosine >= cosine
    assert verdict.pattern and verdict.pattern >= pattern
    assert verdict.reason.startswith("verified")
    assert verdict.runtime and verdict.runtime.startswith("llama-cpp-python 0.")


class ClassTokenLast:
    """The model as a llama.cpp before pull request 25844 computes it, from the same weights."""

    def __init__(self, pair: Pair) -> None:
        self._model, self._processor = pair[0].model, pair[1].image_processor

    @torch.no_grad()
    def features(self, picture: Image.Image) -> np.ndarray:
        tower = self._model.vision_tower
        pixels = self._processor([picture], return_tensors="pt")["pixel_values"]
        patches = tower.embeddings.patch_embedding(pixels).flatten(2).transpose(1, 2)
        joined = torch.cat([patches, tower.embeddings.class_embedding[None, None]], dim=1)
        states = tower.pre_layrnorm(joined + tower.embeddings.position_embedding.weight)
        for layer in tower.encoder.layers[:-1]:
            states = layer(states, None)
        return self._model.multi_modal_projector(states[:, 1:])[0].numpy()


def test_stock_runtime_is_recognised_as_wrong_with_class_token(with_cls: Pair, tmp_path: Path) -> None:
    """llama.cpp before pull request 25844, as it is in llama-cpp-python 0.3.36."""
    verdict = verdict_of(with_cls, tmp_path, "F32")
    assert not verdict.is_right
    assert verdict.reason.startswith("refused")
    assert "25844" in verdict.right_versions
    # The file is as it should be: nothing but the class token's place is wrong.
    from components.bundles.llama_cpp.parts import LlamaCppParts

    wrong, found = ClassTokenLast(with_cls).features(PICTURES[0]), LlamaCppParts(tmp_path, 1).features(PICTURES[0])
    assert np.abs(wrong - found).mean() < 0.005 * wrong.std()


def test_llava_1_5s_connector_is_written_too(tmp_path: Path) -> None:
    pair = make_pair(tmp_path / "made", connector="mlp2x_gelu", image_tokens_per_side=24, use_cls=False)
    (tmp_path / "gguf").mkdir()
    assert verdict_of(pair, tmp_path / "gguf", "F16").is_right


def test_file_holds_the_class_token_only_where_it_is_used(with_cls: Pair, without_cls: Pair, tmp_path: Path) -> None:
    for pair, positions in ((with_cls, 577), (without_cls, 576)):
        write_projector(tmp_path / "p.gguf", *pair, "F16")
        reader = gguf.GGUFReader(tmp_path / "p.gguf")
        tensors = {tensor.name: tensor for tensor in reader.tensors}
        assert ("v.class_embd" in tensors) == pair[0].config.use_cls
        assert tensors["v.position_embd.weight"].shape.tolist() == [64, positions]
        assert reader.fields["clip.vision.feature_layer"].contents() == [2]
        assert "v.blk.1.ln2.bias" in tensors
        assert "v.blk.2.ln2.bias" not in tensors  # behind the layer that is read


def test_connectors_that_llama_cpp_has_not_are_refused(
    with_cls: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, processor = with_cls
    for owner, key, value, message in (
        (model.config, "connector", "c-abstractor", "model.connector is c-abstractor: llama.cpp has ldpv2"),
        (model.config.vision_config, "patch_size", 8, "12 x 12 patches and gives 12 x 12 image tokens"),
        (model.config, "image_tokens_per_side", 8, "gives 8 x 8 image tokens"),
        (model.config, "vision_feature_layer", -1, "feature_layer is -1"),
        (model.config.vision_config, "hidden_act", "relu", "hidden_act is relu"),
        (model.config.vision_config, "intermediate_size", 64, "would swap layers"),
    ):
        with monkeypatch.context() as patched, pytest.raises(NotForLlamaCpp, match=message):
            patched.setattr(owner, key, value)
            write_projector(tmp_path / "p.gguf", model, processor, "F16")
    assert not list(tmp_path.iterdir())


def test_without_runtime_nothing_is_called_verified(without_cls: Pair) -> None:
    def not_there() -> Original:
        raise library.NotInstalled(f"no llama.cpp: {library.INSTALL}")

    verdict = verify_projector(Original(*without_cls), not_there, PICTURES, use_cls=False)
    assert not verdict.is_right
    assert verdict.cosine is None
    assert verdict.reason == "not run: no llama.cpp: pip install 'small-korean-vlm[gguf]'"


def test_tokens_in_wrong_places_are_found_where_they_have_much_in_common() -> None:
    pytest.importorskip("llama_cpp")
    tokens = 20 + np.random.default_rng(1).normal(size=(144, 64))
    assert check_projector(tokens, tokens, use_cls=True).is_right
    shifted = check_projector(tokens, np.roll(tokens, 1, axis=0), use_cls=True)
    assert shifted.cosine and shifted.cosine > 0.99
    assert not shifted.is_right
    assert not check_projector(tokens, tokens[1:], use_cls=True).is_right
