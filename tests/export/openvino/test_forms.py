"""No form of the image encoder depends on how a processor multiplies bytes; slower ones are nearer to the model."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nncf
import numpy as np
import openvino as ov
import pytest
import torch

from components.bundles.preprocess import Preprocessing
from components.export.openvino.convert import convert_image_encoder
from components.export.openvino.forms import LADDER
from components.export.openvino.saturation import saturating_products
from components.export.openvino.sensitivity import most_sensitive_first
from components.export.openvino.write import ImageEncoders
from components.export.samples import Sample
from components.model.assembling import assemble
from tests.export.conftest import Pair, wanted
from tests.export.quality.world import drawn_samples
from tests.model.tiny import ROOT, params

TRIED = (LADDER[0], LADDER[2], LADDER[-1])
RUN = """
import sys, numpy, openvino
compiled = openvino.Core().compile_model(sys.argv[1], "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
numpy.save(sys.argv[3], numpy.concatenate([compiled(one[None])[0] for one in numpy.load(sys.argv[2])]))
"""


@pytest.fixture(scope="module")
def trained() -> Pair:
    """The demo's trained image encoder: in random weights nothing stands out."""
    return assemble(ROOT / "components/backbones/pretrained", params().model, 17, torch.float32)


@pytest.fixture(scope="module")
def samples(trained: Pair) -> list[Sample]:
    return drawn_samples(trained, 6)


@pytest.fixture(scope="module")
def pixels(trained: Pair, samples: list[Sample]) -> list[np.ndarray]:
    preprocess = Preprocessing.from_config(trained[1].image_processor.to_dict())
    return [preprocess(sample.picture) for sample in samples if sample.picture is not None]


@pytest.fixture(scope="module")
def encoders(trained: Pair, samples: list[Sample]) -> ImageEncoders:
    return ImageEncoders(*trained, samples)


def features(model: ov.Model, pixels: list[np.ndarray], folder: Path, isa: str = "") -> np.ndarray:
    """What a process makes of pictures, of whose processor an instruction set is left."""
    graph, shown, found = folder / "graph.xml", folder / "shown.npy", folder / "found.npy"
    ov.save_model(model, graph)
    np.save(shown, np.concatenate(pixels))
    environment = os.environ | {"ONEDNN_MAX_CPU_ISA": isa}
    subprocess.run([sys.executable, "-c", RUN, str(graph), str(shown), str(found)], env=environment, check=True)
    return np.array(np.load(found))


def far(found: np.ndarray, expected: np.ndarray) -> float:
    """Relative to what is expected."""
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def test_no_form_has_products_that_may_saturate(encoders: ImageEncoders) -> None:
    for form in TRIED:
        assert saturating_products(encoders.form(form, wanted("int8"))) == []


def test_whole_bytes_are_seen_to_saturate(trained: Pair, pixels: list[np.ndarray]) -> None:
    graph = convert_image_encoder(trained[0])
    assert saturating_products(graph) == []
    whole = nncf.quantize(graph, nncf.Dataset(pixels[:2]), model_type=nncf.ModelType.TRANSFORMER, subset_size=2)
    found = "\n".join(saturating_products(whole))
    assert "mlp.fc1" in found and "scaled_dot_product_attention" in found


def test_a_form_is_the_same_where_products_saturate(
    encoders: ImageEncoders, pixels: list[np.ndarray], tmp_path: Path
) -> None:
    graph = encoders.form(LADDER[0], wanted("int8"))
    assert far(features(graph, pixels[:3], tmp_path, "AVX2"), features(graph, pixels[:3], tmp_path)) < 1e-3


def test_layers_that_are_left_out_bring_it_nearer(
    trained: Pair, encoders: ImageEncoders, pixels: list[np.ndarray], tmp_path: Path
) -> None:
    with torch.no_grad():
        expected = trained[0].model.image_tokens(torch.from_numpy(np.concatenate(pixels[:3]))).numpy()
    chosen = [encoders.form(form, wanted("int8")) for form in TRIED]
    fast, slower, slowest = (far(features(one, pixels[:3], tmp_path), expected) for one in chosen)
    assert slowest < slower < fast


def test_the_layer_that_rounding_harms_most_comes_first(trained: Pair, pixels: list[np.ndarray]) -> None:
    model = trained[0]
    name = "vision_tower.encoder.layers.1.mlp.fc1"
    weights = model.model.get_submodule(name).weight.data
    before = weights.clone()
    weights[:, 0] = 40 * weights.abs().max()  # beside it, all others are rounded to next to nothing
    damaged = weights.clone()
    try:
        ranked = most_sensitive_first(model, pixels[:2])
        assert ranked[0] == name
        assert torch.equal(weights, damaged)  # nothing stays rounded
        last = f"layers.{len(model.model.vision_tower.encoder.layers) - 1}."
        assert not any(last in one for one in ranked)  # which image tokens are not read from
        assert not any(one.startswith("language_model") for one in ranked)
    finally:
        weights.copy_(before)
