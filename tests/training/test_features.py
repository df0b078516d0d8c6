"""Pictures that are shown more than once are encoded once, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from components.params.schema import Finetune
from components.training.features import keep_features
from components.training.labels import Markup
from components.training.samples import Samples
from tests.model.tiny import params

Pair = tuple[Any, Any]
INDICES = [4, 0, 7, 9]
"""Among them samples without a picture."""


@pytest.fixture
def pair(fresh: Callable[[], Pair]) -> Pair:
    return fresh()


def section(**changes: Any) -> Finetune:
    return Finetune.model_validate(params().finetune.model_dump() | {"epochs": 2.0, "feature_cache_mib": 64} | changes)


def read(pair: Pair, shards: Path, markup: Markup, split: str = "train") -> Samples:
    return Samples(shards, split, "chat", pair[1], markup, section())


def keep(pair: Pair, shards: Path, markup: Markup, **changes: Any) -> tuple[Samples, Samples]:
    train, held_out = read(pair, shards, markup), read(pair, shards, markup, "validation")
    keep_features(pair[0], train, held_out, section(**changes), print)
    return train, held_out


def test_the_connector_reads_the_same(pair: Pair, shards: Path, markup: Markup) -> None:
    pixels = read(pair, shards, markup).batch(INDICES)
    for samples in keep(pair, shards, markup):
        assert samples.batch(INDICES[1:2]).tensors["pixel_values"].dim() == 3
    train, _ = keep(pair, shards, markup)
    features = train.batch(INDICES)
    assert features.images == pixels.images > 0
    tokens = pair[0].model.image_tokens
    with torch.no_grad():
        given, expected = (tokens(batch.tensors["pixel_values"]) for batch in (features, pixels))
    assert torch.allclose(given, expected, atol=1e-5)


def test_the_loss_and_its_gradients_are_the_same(pair: Pair, shards: Path, markup: Markup) -> None:
    model = pair[0].train()
    found = []
    for samples in (read(pair, shards, markup), keep(pair, shards, markup)[0]):
        model.zero_grad()
        loss = model(**samples.batch(INDICES).tensors).loss
        loss.backward()
        weight = next(p for n, p in model.named_parameters() if "multi_modal_projector" in n)
        found.append((loss.detach(), weight.grad.clone()))
    (loss, gradient), (kept_loss, kept_gradient) = found
    assert torch.allclose(loss, kept_loss, rtol=1e-5)
    assert torch.allclose(gradient, kept_gradient, rtol=1e-3, atol=1e-6)


def test_samples_without_pictures_have_no_features(pair: Pair, shards: Path, markup: Markup) -> None:
    train, _ = keep(pair, shards, markup)
    assert "pixel_values" not in train.batch([4, 9]).tensors


@pytest.mark.parametrize("changes", [{"epochs": 1.0}, {"feature_cache_mib": 0}, {"workers": 2}])
def test_where_it_does_not_pay_or_fit_every_step_encodes_its_own(
    pair: Pair, shards: Path, markup: Markup, changes: dict[str, Any]
) -> None:
    train, _ = keep(pair, shards, markup, **changes)
    assert train.batch([0]).tensors["pixel_values"].dim() == 4
