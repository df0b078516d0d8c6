"""Samples laid end to end learn what each of them learns alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from components.params.schema import Finetune
from components.training.attention import use_packed_attention
from components.training.engine import prepare
from components.training.labels import Markup
from components.training.samples import Samples
from components.training.trainable import add_lora
from tests.model.tiny import params
from tests.training.conftest import Pair

Fresh = Callable[[], Pair]
CHOSEN = [2, 3, 4, 5, 9]
"""Of different lengths; two of them without a picture."""


def section(**changes: Any) -> Finetune:
    return Finetune.model_validate(params().finetune.model_dump() | changes)


@pytest.fixture
def read(
    fresh: Fresh, shards: Path, markup: Markup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int | None], Samples]:
    """The training split, packed into sequences of so many tokens, or padded."""
    monkeypatch.chdir(tmp_path)
    processor = fresh()[1]
    return lambda length: Samples(shards, "train", "chat", processor, markup, section(pack_length=length))


def gradients(learner: torch.nn.Module, batches: list[Any], items: float) -> tuple[float, dict[str, torch.Tensor]]:
    """Loss and gradients added up over micro-batches."""
    total = 0.0
    for batch in batches:
        loss = learner(**batch.tensors, num_items_in_batch=items)
        loss.backward()
        total += float(loss.detach())
    return total, {name: p.grad for name, p in learner.named_parameters() if p.grad is not None}


def learner_of(fresh: Fresh, params_of_stage: Finetune) -> torch.nn.Module:
    torch.manual_seed(3)
    learner = prepare(add_lora(fresh()[0], params_of_stage), params_of_stage)
    for name, parameter in learner.named_parameters():
        if "lora_B" in name:  # it begins at zero, where LoRA's A has no gradient
            torch.nn.init.normal_(parameter, std=0.05)
    return learner.train()


@pytest.mark.parametrize("checkpointing", [False, True])
def test_packed_gives_the_loss_and_gradients_of_one_by_one(fresh: Fresh, read: Any, checkpointing: bool) -> None:
    packed, padded = read(2048), read(None)
    alone = [padded.batch([index]) for index in CHOSEN]
    assert {batch.images for batch in alone} == {0, 1}
    items = sum(batch.labelled for batch in alone)
    one_by_one = gradients(learner_of(fresh, section(pack_length=None)), alone, items)
    together = packed.batch(CHOSEN)
    assert together.tensors["input_ids"].shape == (1, together.tokens)
    assert (together.tokens, together.labelled) == (sum(b.tokens for b in alone), items)
    at_once = gradients(
        learner_of(fresh, section(pack_length=2048, gradient_checkpointing=checkpointing)), [together], items
    )
    assert at_once[0] == pytest.approx(one_by_one[0], rel=1e-5)
    assert at_once[1].keys() == one_by_one[1].keys()
    for name, gradient in at_once[1].items():
        assert torch.allclose(gradient, one_by_one[1][name], rtol=1e-3, atol=1e-5), name


@torch.no_grad()
def test_a_sample_sees_nothing_of_its_neighbours(fresh: Fresh, read: Any) -> None:
    model, _ = fresh()
    use_packed_attention(model.model.language_model)
    batch = read(2048).batch(CHOSEN)
    inputs = {name: value for name, value in batch.tensors.items() if name != "labels"}
    before = model(**inputs).logits[0]
    other = inputs["input_ids"].clone()
    first, end = inputs["cu_seq_lens_q"].tolist()[-2:]
    assert batch.lengths[-1] == end - first
    other[0, first:end] = other[0, first:end].flip(0)
    after = model(**(inputs | {"input_ids": other})).logits[0]
    assert torch.equal(after[:first], before[:first])
    assert not torch.allclose(after[first:], before[first:])


@torch.no_grad()
def test_order_in_a_sequence_does_not_matter(fresh: Fresh, read: Any) -> None:
    learner = learner_of(fresh, section(pack_length=2048)).eval()
    losses = [
        float(learner(**read(2048).batch(order).tensors, num_items_in_batch=1.0)) for order in (CHOSEN, CHOSEN[::-1])
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_no_token_carries_the_loss_of_another_sample(read: Any) -> None:
    batch = read(2048).batch(CHOSEN)
    starts = batch.tensors["cu_seq_lens_q"].tolist()[:-1]
    assert (batch.tensors["labels"][0, starts] == -100).all()
    assert (batch.tensors["position_ids"][0, starts] == 0).all()


def test_bf16_keeps_what_is_frozen_in_bf16_and_what_learns_in_fp32(fresh: Fresh, read: Any) -> None:
    learner = learner_of(fresh, section(precision="bf16", pack_length=2048))
    for name, parameter in learner.named_parameters():
        assert parameter.dtype == (torch.float32 if parameter.requires_grad else torch.bfloat16), name
    batch = read(2048).batch(CHOSEN)
    loss, found = gradients(learner, [batch], batch.labelled)
    expected, exact = gradients(learner_of(fresh, section(pack_length=2048)), [batch], batch.labelled)
    assert loss == pytest.approx(expected, rel=0.02)
    assert all(gradient.dtype == torch.float32 for gradient in found.values())
    ours, theirs = (torch.cat([g.flatten() for _, g in sorted(gs.items())]) for gs in (found, exact))
    assert torch.nn.functional.cosine_similarity(ours, theirs, dim=0) > 0.98
