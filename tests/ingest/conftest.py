"""One pool of workers and one tokenizer for all tests of the stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.backbones.pretraining.tokenizer import train_tokenizer
from components.cluster.processes import processes
from components.cluster.workers import using
from components.ingest.checks.rules import Rules


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo language model's tokenizer, as stage backbones puts it in place."""
    folder = tmp_path_factory.mktemp("language_model")
    train_tokenizer(17).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def workers_open() -> Iterator[None]:
    """This machine's processes."""
    with using(processes(("components.ingest.shards.write", "components.ingest.benchmarks"))):
        yield


@pytest.fixture
def rules(tokenizer_folder: Path) -> Rules:
    """The demo's rules for stage 2."""
    return Rules(
        stage="finetune",
        image_side=96,
        max_length=320,
        image_tokens=36,
        tokenizer=str(tokenizer_folder),
        reserved=("<|image|>", "<|im_end|>"),
    )
