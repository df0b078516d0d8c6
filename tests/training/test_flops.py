"""Formulas for FLOPs against what PyTorch counts while a model learns."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from components.backbones.stand_in import image_encoder_config, language_model_config
from components.model.configuration import KoreanVlmConfig
from components.model.loading import load_model
from components.params.schema import Lora
from components.training.flops import FlopRates, flop_rates
from components.training.labels import IGNORED
from components.training.trainable import add_lora, freeze_all_but_connector
from tests.model.tiny import params

LENGTH, SAMPLES, LABELLED = 90, 3, 11
LORA = Lora(rank=64, alpha=16, dropout=0.05, targets=params().finetune.lora.targets)


@pytest.fixture(params=["pretrain", "finetune"])
def learner(request: pytest.FixtureRequest, start: Path) -> Any:
    """The model as a stage trains it, with attention as matrix products, which the counter knows on any machine."""
    model, _ = load_model(start, dtype=torch.float32)
    model.set_attn_implementation("eager")
    stage = request.param
    return (add_lora(model, params().finetune) if stage == "finetune" else freeze_all_but_connector(model)).train()


def batch(image_token: int) -> dict[str, torch.Tensor]:
    """Samples of equal length, each an image, then text of which the last tokens are labelled."""
    ids = torch.full((SAMPLES, LENGTH), 7)
    ids[:, :36] = image_token
    labels = torch.full_like(ids, IGNORED)
    labels[:, -LABELLED:] = 7
    return {"input_ids": ids, "labels": labels, "pixel_values": torch.rand(SAMPLES, 3, 96, 96)}


def test_counts_what_pytorch_counts(learner: Any) -> None:
    lora = params().finetune.lora if hasattr(learner, "peft_config") else None
    counter = FlopCounterMode(display=False)
    with counter:
        learner(**batch(params().model.tokens.image.id)).loss.backward()
    flops = flop_rates(learner.config, lora).of([LENGTH] * SAMPLES, SAMPLES, LABELLED * SAMPLES)
    # Matrix products compute all pairs of tokens, also those of which the mask lets nothing through.
    masked = flops.attention * (LENGTH - 1) / (LENGTH + 1)
    assert flops.total + masked == pytest.approx(counter.get_total_flops(), rel=0.01)
    assert flops.image_encoder == pytest.approx(counted(counter, r"vision_tower\.(embeddings|encoder\.layers\.\d)$"))
    assert flops.head == pytest.approx(counted(counter, r"lm_head$"))


def counted(counter: FlopCounterMode, module: str) -> int:
    """FLOPs of all modules whose names match a pattern."""
    return sum(sum(count.values()) for name, count in counter.get_flop_counts().items() if re.search(module, name))


def test_attention_stays_within_samples() -> None:
    rates = FlopRates(image_encoder=0, connector=0, language_model=0, lora=0, attention=1, head=0)
    assert rates.of([4, 2], images=0, labelled=0).total == (1 + 2 + 3 + 4) + (1 + 2)


def test_at_the_recipes_size() -> None:
    """Two FLOPs a weight of the language model's layers and token, forwards and backwards; likewise LoRA, thrice."""
    config = KoreanVlmConfig(vision_config=image_encoder_config(), text_config=language_model_config())
    rates = flop_rates(config, LORA)
    head = 110_592 * 1024
    assert rates.language_model == 4 * (566_281_216 - head - 49 * 1024)
    assert rates.lora == 6 * 39_321_600
    assert rates.head == 4 * head


@pytest.mark.parametrize(("connector", "side"), [("ldpv2", 12), ("c-abstractor", 12), ("mlp2x_gelu", 24)])
def test_any_connector_can_be_counted(connector: str, side: int) -> None:
    config = KoreanVlmConfig(
        vision_config=image_encoder_config(),
        text_config=language_model_config(),
        connector=connector,
        image_tokens_per_side=side,
    )
    linear = 576 * 1024 * 1024
    assert flop_rates(config, None).connector >= 4 * linear
