"""One small model for all tests of the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from components.model.assembling import assemble
from components.model.loading import save_model
from tests.model.tiny import GRIDS, joined_by, params, save_backbones

Pair = tuple[Any, Any]
"""Model and processor; what transformers says of their methods' types does not fit its own use of them."""


@pytest.fixture(scope="session")
def backbones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two small backbones."""
    return save_backbones(tmp_path_factory.mktemp("backbones"))


@pytest.fixture(scope="session")
def pair(backbones: Path) -> Pair:
    """The model in evaluation mode, and its processor. Not to be changed."""
    model, processor = assemble(backbones, params().model, 17, torch.float32)
    return model.eval(), processor


@pytest.fixture(scope="session")
def saved(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the model was saved to."""
    folder = tmp_path_factory.mktemp("saved") / "model"
    save_model(*pair, folder)
    return folder


@pytest.fixture(scope="session")
def saved_kinds(backbones: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A saved model for each kind of connector."""
    folder = tmp_path_factory.mktemp("kinds")
    for kind, side in GRIDS.items():
        save_model(*assemble(backbones, joined_by(kind, side), 17, torch.float32), folder / kind)
    return {kind: folder / kind for kind in GRIDS}
