"""One small model, and shards of a few dozen samples, for all tests of the package."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import torch
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem
from transformers import PreTrainedTokenizerFast

from components.model.assembling import assemble
from components.model.loading import load_model, save_model
from components.training.labels import Markup
from tests.model.tiny import params, save_backbones, tokenizer
from tests.training.shards import write_shards

Pair = tuple[Any, Any]
"""Model and processor; what transformers says of their methods' types does not fit its own use of them."""


@pytest.fixture(scope="session")
def words() -> PreTrainedTokenizerFast:
    """The demo language model's tokenizer."""
    return tokenizer()


@pytest.fixture(scope="session")
def markup() -> Markup:
    """The demo's markup."""
    model = params().model
    return Markup(
        model.tokens.image.text, model.image_tokens_per_side**2, model.tokens.turn_end.text, model.tokens.end.text
    )


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model whose connector is new."""
    folder = tmp_path_factory.mktemp("start")
    model, processor = assemble(save_backbones(folder / "backbones"), params().model, 17, torch.float32)
    save_model(model, processor, folder / "model")
    return folder / "model"


@pytest.fixture
def fresh(start: Path) -> Callable[[], Pair]:
    """Loads the model anew, since tests change it."""
    return lambda: load_model(start, dtype=torch.float32)


@pytest.fixture(scope="session")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shards with pictures and without."""
    return write_shards(tmp_path_factory.mktemp("shards"), random.Random(3))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of a store on this machine that speaks S3; programs find it as they find any other."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # What an earlier server of this process was given is still there, and fsspec still knows its address.
    httpx.post(f"http://{host}:{port}/moto-api/reset").raise_for_status()
    S3FileSystem.clear_instance_cache()
    boto3.client("s3").create_bucket(Bucket="checkpoints")
    yield "s3://checkpoints"
    server.stop()
