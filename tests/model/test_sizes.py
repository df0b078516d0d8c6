"""How many parameters the recipe's model has. Shapes only: nothing is held in memory."""

from __future__ import annotations

import pytest
import torch
from transformers import CLIPVisionConfig, LlamaConfig

from components.model import KoreanVlmConfig, KoreanVlmForConditionalGeneration
from components.params.schema import Finetune
from components.training.trainable import add_lora
from tests.model.tiny import params

RECIPE_LORA = {"rank": 64, "alpha": 16, "dropout": 0.05}
# A block at width 1024: two 1 x 1 and one depthwise 3 x 3 convolution with a normalisation each, squeeze-excitation.
BLOCK = 2 * 1024**2 + 9 * 1024 + 3 * 2 * 1024 + (1024 * 256 + 256) + (256 * 1024 + 1024)
MLP = 2 * (1024**2 + 1024)


def recipe(connector: str, image_tokens_per_side: int) -> KoreanVlmForConditionalGeneration:
    """CLIP ViT-L/14-336 and HyperCLOVA X SEED 0.5B, by their model cards."""
    vision = CLIPVisionConfig(
        hidden_size=1024,
        intermediate_size=4096,
        projection_dim=768,
        num_hidden_layers=24,
        num_attention_heads=16,
        image_size=336,
        patch_size=14,
        hidden_act="quick_gelu",
    )
    text = LlamaConfig(
        vocab_size=110_592,
        hidden_size=1024,
        intermediate_size=4096,
        num_hidden_layers=24,
        num_attention_heads=16,
        num_key_value_heads=8,
        head_dim=128,  # not hidden_size / num_attention_heads
        max_position_embeddings=8192,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
    )
    config = KoreanVlmConfig(
        vision_config=vision,
        text_config=text,
        connector=connector,
        image_tokens_per_side=image_tokens_per_side,
        image_token_index=100_271,
        tie_word_embeddings=True,
    )
    with torch.device("meta"):
        model = KoreanVlmForConditionalGeneration(config)
    model.tie_weights()
    return model


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("connector", "side", "parameters"),
    [("ldpv2", 12, 2_109_440), ("c-abstractor", 12, 6 * BLOCK + MLP), ("mlp2x_gelu", 24, MLP)],
)
def test_connector(connector: str, side: int, parameters: int) -> None:
    model = recipe(connector, side)
    assert count(model.model.multi_modal_projector) == parameters
    assert model.config.image_seq_length == side**2
    assert model.config.patches_per_side == 24


def test_whole_model_is_under_a_billion() -> None:
    model = recipe("ldpv2", 12)
    assert model.lm_head.weight is model.get_input_embeddings().weight
    assert count(model.model.language_model) == pytest.approx(566e6, rel=2e-3)
    assert count(model.model.vision_tower) == pytest.approx(304e6, rel=2e-3)
    assert count(model) == count(model.model) < 1_000_000_000


def test_lora() -> None:
    finetune = params().finetune.model_dump()
    finetune["lora"] |= RECIPE_LORA
    with torch.device("meta"):
        learner = add_lora(recipe("ldpv2", 12), Finetune.model_validate(finetune))
    learnt = {name: parameter.numel() for name, parameter in learner.named_parameters() if parameter.requires_grad}
    assert sum(size for name, size in learnt.items() if "lora_" in name) == 39_321_600
    assert sum(learnt.values()) == 39_321_600 + 2_109_440
