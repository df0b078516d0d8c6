"""Gradients are the same whether activations are kept or computed again, though the backbones are frozen."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from components.model.loading import load_model
from components.scenes.shapes import Board
from components.training.trainable import add_lora, freeze_all_but_connector
from tests.model.samples import picture
from tests.model.tiny import params

Gradients = dict[str, torch.Tensor]


def learn_once(saved: Path, stage: str, text: str, checkpointing: bool) -> tuple[Gradients, int]:
    """Gradients of one sample by weight, and how often the language model's first layer was computed."""
    model, processor = load_model(saved, dtype=torch.float32)
    if checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    torch.manual_seed(17)
    learner = add_lora(model, params().finetune) if stage == "finetune" else freeze_all_but_connector(model)
    for name, parameter in learner.named_parameters():
        if "lora_B" in name:  # begins at zero, which would leave A without a gradient
            torch.nn.init.normal_(parameter, std=0.1)
    computed: list[torch.nn.Module] = []
    model.model.language_model.layers[0].self_attn.register_forward_hook(lambda layer, *_: computed.append(layer))
    pictures = [picture(Board, seed) for seed in range(text.count("{image}"))]
    inputs = processor(text=[text.format(image=processor.image_token)], images=pictures or None, return_tensors="pt")
    learner.train()
    learner(**inputs, labels=inputs["input_ids"]).loss.backward()
    learnt = {name: p for name, p in learner.named_parameters() if p.requires_grad}
    return {name: p.grad for name, p in learnt.items() if p.grad is not None}, len(computed)


@pytest.mark.parametrize("stage", ["pretrain", "finetune"])
@pytest.mark.parametrize("text", ["{image}\n무엇인가요?", "{image}{image}\n같은가요?", "안녕하세요."])
def test_gradients_are_the_same(saved: Path, stage: str, text: str) -> None:
    kept, once = learn_once(saved, stage, text, checkpointing=False)
    again, twice = learn_once(saved, stage, text, checkpointing=True)
    assert (once, twice) == (1, 2), "activations are computed again"
    assert kept.keys() == again.keys()
    assert len(kept) == (6 if stage == "pretrain" else 6 + 2 * 2 * 7)
    for name, gradient in kept.items():
        assert gradient.any() or "{image}" not in text, name
        assert torch.allclose(gradient, again[name], rtol=1e-5, atol=1e-7), name
