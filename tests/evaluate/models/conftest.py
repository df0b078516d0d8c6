"""Checkpoints of all layouts, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from components.evaluate.models.loaded import Loaded
from components.evaluate.models.loading import load
from tests.evaluate.models.families import save_idefics, save_llava, save_own
from tests.evaluate.models.parts import Parts, make_parts, spec


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """What the checkpoints are made of. Not to be changed."""
    return make_parts(tmp_path_factory.mktemp("parts"))


@pytest.fixture(scope="session")
def checkpoint(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In LLaVA's original layout, with the encoder inside."""
    return parts.write(tmp_path_factory.mktemp("original") / "checkpoint")


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where conversions of ``checkpoint`` are kept."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture(scope="session")
def original(checkpoint: Path, scratch: Path) -> Loaded:
    """The checkpoint, loaded."""
    return load(spec(checkpoint, "llava"), scratch)


@pytest.fixture(scope="session")
def folders(parts: Parts, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model's folder for each kind."""
    root = tmp_path_factory.mktemp("folders")
    return {
        "own": save_own(root / "own"),
        "llava-transformers": save_llava(root / "llava", parts.tokenizer_folder),
        "idefics3": save_idefics(root / "idefics3", parts.tokenizer_folder),
        "llava-original": checkpoint,
    }


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Small models are faster on one core than on several that wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
