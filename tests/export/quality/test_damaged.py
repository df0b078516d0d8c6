"""The limits of params.yaml let a bundle pass and stop one that was damaged on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from components.bundles.manifest import check_bundle
from components.bundles.parts_of import open_parts
from components.evaluate.statistics.settings import Settings
from components.export.openvino.write import write_openvino
from components.export.original import Original
from components.export.quality.divergence import measure_divergence
from components.export.quality.gate import problems
from components.export.quality.results import Quality
from components.model.assembling import assemble
from components.params.export import Limits
from tests.export.conftest import Pair, wanted
from tests.export.quality.world import damaged, drawn_samples
from tests.model.tiny import ROOT, params

BACKBONES = ROOT / "components/backbones/pretrained"


@pytest.fixture(scope="module")
def trained() -> Pair:
    """The demo's trained backbones: random weights are not as easily told from damaged ones."""
    return assemble(BACKBONES, params().model, 17, torch.float32)


@pytest.fixture(scope="module")
def int8(trained: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("int8")
    write_openvino(folder, wanted("int8"), *trained, samples=drawn_samples(trained, 8))
    return folder


@pytest.fixture(scope="module")
def shipped() -> Limits:
    """Those of the bundle in eight bits."""
    return next(bundle.limits for bundle in params().export.bundles if bundle.weights == "int8")


def quality(folder: Path, trained: Pair) -> Quality:
    """Of texts alone: the connector is new, so what it makes of pictures is noise."""
    samples = drawn_samples(trained, 40, are_pictured=False)
    bundles = {"int8": open_parts(folder, "openvino", 2)}
    found = measure_divergence(bundles, Original(*trained), samples, Settings(0.95, 200, 1))
    divergence, features = found["int8"]
    return Quality(divergence=divergence, features=features, scores=[], confidence=0.95)


def broken(folder: Path, trained: Pair, shipped: Limits) -> set[str]:
    """Keys of the limits that are broken, but for the one that texts do not tell about."""
    found = problems("int8", quality(folder, trained), shipped)
    return {sentence.partition(":")[0].rpartition(".")[2] for sentence in found} - {"features"}


def test_a_sound_bundle_passes(int8: Path, trained: Pair, shipped: Limits) -> None:
    assert broken(int8, trained, shipped) == set()


@pytest.mark.parametrize("layer", ["layers.0.self_attn.o_proj", "layers.1.mlp.down_proj"])
def test_one_layers_scales_doubled_are_found(
    int8: Path, trained: Pair, shipped: Limits, tmp_path: Path, layer: str
) -> None:
    """Its hashes are right, and it answers: only the comparison tells."""
    folder = damaged(int8, tmp_path / "damaged", layer)
    check_bundle(folder)
    assert broken(folder, trained, shipped) >= {"kl_mean", "top1"}
