"""What learns, and that nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from components.params.schema import Finetune
from components.training.labels import Markup
from components.training.samples import Batch, NoShards, Samples
from components.training.trainable import (
    CONNECTOR,
    add_lora,
    freeze_all_but_connector,
    load_weights,
    optimizer_groups,
    trainable_names,
)
from tests.model.tiny import params
from tests.training.conftest import Pair

Fresh = Callable[[], Pair]
CONNECTOR_WEIGHTS = [
    f"model.multi_modal_projector.{name}"
    for name in ("mlp.0.weight", "mlp.0.bias", "mlp.2.weight", "mlp.2.bias", "position.weight", "position.bias")
]


@pytest.fixture
def batch(fresh: Fresh, shards: Path, markup: Markup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """Four real samples, one of them without a picture."""
    monkeypatch.chdir(tmp_path)
    samples = Samples(shards, "train", "chat", fresh()[1], markup, finetune())
    return samples.batch([2, 3, 4, 5]).tensors


def finetune() -> Finetune:
    return params().finetune


def learn(model: torch.nn.Module, batch: Batch, steps: int) -> None:
    """Some steps of AdamW, as the loop takes them."""
    optimizer = torch.optim.AdamW(optimizer_groups(model, finetune()), weight_decay=0.01)
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        model(**batch).loss.backward()
        optimizer.step()


def test_stage_one_learns_the_connector_alone(fresh: Fresh) -> None:
    model = freeze_all_but_connector(fresh()[0])
    assert trainable_names(model) == CONNECTOR_WEIGHTS
    assert [group["lr"] for group in optimizer_groups(model, params().pretrain)] == [
        params().pretrain.learning_rate.connector
    ]


def test_stage_two_learns_the_connector_and_lora_in_the_language_model(fresh: Fresh) -> None:
    learner = add_lora(fresh()[0], finetune())
    names = trainable_names(learner)
    connector = [name for name in names if CONNECTOR in name]
    lora = [name for name in names if CONNECTOR not in name]
    assert len(connector) == len(CONNECTOR_WEIGHTS)
    layers = {f"layers.{layer}.{part}.{target}" for layer in range(2) for part, target in _targets()}
    found = {name.split("language_model.")[1].rsplit(".lora_", 1)[0] for name in lora}
    assert found == layers
    assert len(lora) == 2 * len(layers)
    assert not any("vision_tower" in name for name in names)
    groups = optimizer_groups(learner, finetune())
    rates = finetune().learning_rate
    assert [group["lr"] for group in groups] == [rates.connector, rates.lora]


def _targets() -> list[tuple[str, str]]:
    attention = [("self_attn", f"{letter}_proj") for letter in "qkvo"]
    return attention + [("mlp", f"{name}_proj") for name in ("gate", "up", "down")]


@pytest.mark.parametrize("stage", ["pretrain", "finetune"])
def test_all_that_learns_gets_a_gradient_and_all_else_stays_as_it_is(fresh: Fresh, batch: Batch, stage: str) -> None:
    model = fresh()[0]
    learner = add_lora(model, finetune()) if stage == "finetune" else freeze_all_but_connector(model)
    before = {name: value.detach().clone() for name, value in learner.named_parameters()}
    # LoRA's B begins at zero, so that its A has no gradient before the second step.
    learn(learner, batch, steps=2)
    for name, parameter in learner.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name
            assert not torch.equal(parameter, before[name]), name
        else:
            assert parameter.grad is None, name
            assert torch.equal(parameter, before[name]), name


@pytest.mark.parametrize("stage", ["pretrain", "finetune"])
def test_batch_without_pictures_has_the_same_gradients_to_exchange(fresh: Fresh, batch: Batch, stage: str) -> None:
    """Workers add up gradients weight by weight: one that has none for the connector brings the others down."""
    model = fresh()[0]
    learner = (add_lora(model, finetune()) if stage == "finetune" else freeze_all_but_connector(model)).train()
    text_only = {name: batch[name][2:3] for name in ("input_ids", "labels")}
    learner(**text_only).loss.backward()
    connector = {name: p.grad for name, p in learner.named_parameters() if p.requires_grad and CONNECTOR in name}
    assert all(gradient is not None and not gradient.any() for gradient in connector.values())


def test_loss_falls(fresh: Fresh, batch: Batch) -> None:
    learner = add_lora(fresh()[0], finetune())
    first = float(learner(**batch).loss.detach())
    learn(learner, batch, steps=8)
    assert float(learner(**batch).loss.detach()) < 0.9 * first


@torch.no_grad()
def logits(model: torch.nn.Module, batch: Batch) -> torch.Tensor:
    model.eval()
    return model(input_ids=batch["input_ids"], pixel_values=batch["pixel_values"]).logits


def test_merged_model_answers_as_the_unmerged(fresh: Fresh, batch: Batch) -> None:
    model = fresh()[0]
    names, before = set(model.state_dict()), logits(model, batch)
    learner = add_lora(model, finetune())
    assert torch.equal(logits(learner, batch), before), "LoRA begins as nothing"
    learn(learner, batch, steps=4)
    unmerged = logits(learner, batch)
    merged = learner.merge_and_unload()
    assert set(merged.state_dict()) == names
    after = logits(merged, batch)
    assert (after - unmerged).abs().max() < 1e-4
    assert (after - before).abs().max() > 1e-2


def test_learnt_weights_go_back_where_they_came_from(fresh: Fresh, batch: Batch) -> None:
    learner = add_lora(fresh()[0], finetune())
    learn(learner, batch, steps=2)
    learnt = {name: p.detach().clone() for name, p in learner.named_parameters() if p.requires_grad}
    other = add_lora(fresh()[0], finetune())
    load_weights(other, learnt)
    assert torch.equal(logits(other, batch), logits(learner, batch))


def test_weights_of_another_model_are_refused(fresh: Fresh) -> None:
    learner = add_lora(fresh()[0], finetune())
    weights = {name: p.detach().clone() for name, p in learner.named_parameters() if p.requires_grad}
    with pytest.raises(ValueError, match=r"learnt weights of another model: base_model"):
        load_weights(fresh()[0], weights)


def test_batch_has_a_picture_for_each_image_mark(batch: Batch) -> None:
    image_tokens = (batch["input_ids"] == params().model.tokens.image.id).sum(dim=1).tolist()
    assert image_tokens == [36, 36, 0, 36]
    assert batch["pixel_values"].shape == (3, 3, 96, 96)
    assert batch["pixel_values"].dtype == torch.float32
    padding = batch["input_ids"] == params().model.tokens.pad.id
    assert (batch["labels"][padding] == -100).all()
    assert padding[:, 0].sum() == 0, "padding stands on the right"


def test_missing_shards_bring_the_stage(
    fresh: Fresh, markup: Markup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoShards, match="dvc repro ingest"):
        Samples(tmp_path, "train", "chat", fresh()[1], markup, finetune())
