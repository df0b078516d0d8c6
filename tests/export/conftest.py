"""One small model and a bundle of it, for all tests of the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from components.bundles.manifest import Manifest, files_of, write_manifest
from components.export.openvino.write import write_openvino
from components.model.assembling import assemble
from components.model.loading import load_model, save_model
from components.params.export import Limits, OpenVinoBundle
from tests.model.tiny import params, save_backbones

Pair = tuple[Any, Any]
"""Model and processor; what transformers says of their methods' types does not fit its own use of them."""


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The model and its processor as the stage loads them. Not to be changed."""
    folder = tmp_path_factory.mktemp("merged")
    save_model(*assemble(save_backbones(folder / "backbones"), params().model, 17, torch.float32), folder / "model")
    return load_model(folder / "model", dtype=torch.float32)


def limits(**changed: float) -> Limits:
    """Limits that every bundle keeps, but for those that are given."""
    wide = {"kl_mean": 1e9, "kl_p999": 1e9, "perplexity_ratio": 1e9, "top1": 0.0, "features": -1.0, "score_loss": 1e9}
    return Limits.model_validate(wide | changed)


def wanted(weights: str, **changed: Any) -> OpenVinoBundle:
    """Parameters of an OpenVINO bundle."""
    values = {"name": weights, "format": "openvino", "weights": weights, "limits": limits()}
    return OpenVinoBundle.model_validate(values | changed)


@pytest.fixture(scope="session")
def bundle_folder(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle, not quantised, with its manifest. Not to be changed."""
    folder = tmp_path_factory.mktemp("bundle")
    write_openvino(folder, wanted("fp16"), *pair, samples=[])
    write_manifest(folder, Manifest(name="fp16", format="openvino", weights="fp16", files=files_of(folder)))
    return folder
