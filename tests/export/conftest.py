"""One small model and a bundle of it, for all tests of the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from components.export.bundle import write_bundle
from components.export.convert import convert_embeddings, convert_image_encoder, convert_language_model
from components.model.assembling import assemble
from components.model.loading import load_model, save_model
from tests.model.tiny import params, save_backbones

Pair = tuple[Any, Any]
"""Model and processor; what transformers says of their methods' types does not fit its own use of them."""


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The model and its processor as the stage loads them. Not to be changed."""
    folder = tmp_path_factory.mktemp("merged")
    save_model(*assemble(save_backbones(folder / "backbones"), params().model, 17, torch.float32), folder / "model")
    return load_model(folder / "model", dtype=torch.float32)


@pytest.fixture(scope="session")
def bundle_folder(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle, not quantised."""
    model, processor = pair
    folder = tmp_path_factory.mktemp("bundle")
    parts = (convert_image_encoder(model), convert_embeddings(model), convert_language_model(model))
    write_bundle(folder, *parts, model, processor)
    return folder
