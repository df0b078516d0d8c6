"""Two backbones with random weights, small enough for any test, and what is put together from them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from transformers import CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.backbones.pretraining.image_encoder import CLIP_MEAN, CLIP_STD
from components.backbones.pretraining.tokenizer import train_tokenizer
from components.model import KoreanVlmConfig
from components.params.load import load_params
from components.params.schema import Model, Params

ROOT = Path(__file__).parents[2]
SIDE = 96
GRIDS = {"ldpv2": 6, "c-abstractor": 6, "mlp2x_gelu": 12}
"""Image tokens a side that each connector gives for the 12 x 12 patches of this image encoder."""


@cache
def params() -> Params:
    """The project's parameters."""
    return load_params(ROOT / "params.yaml")


def joined_by(connector: str, image_tokens_per_side: int) -> Model:
    """The project's section ``model`` with another connector."""
    changed = {"connector": connector, "image_tokens_per_side": image_tokens_per_side}
    return Model.model_validate(params().model.model_dump() | changed)


def connector_config(
    connector: str, vision_width: int, text_width: int, patches_per_side: int, tokens_per_side: int
) -> KoreanVlmConfig:
    """What a connector alone is built from."""
    return KoreanVlmConfig(
        vision_config={
            "model_type": "clip_vision_model",
            "hidden_size": vision_width,
            "num_attention_heads": 2,
            "image_size": 4 * patches_per_side,
            "patch_size": 4,
        },
        text_config={"model_type": "llama", "hidden_size": text_width, "num_attention_heads": 2},
        connector=connector,
        image_tokens_per_side=tokens_per_side,
    )


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """The demo language model's tokenizer; training it takes seconds, so all tests share it."""
    return train_tokenizer(17)


def image_encoder() -> CLIPVisionModel:
    """A CLIP vision model of three layers for pictures of 96 x 96 pixels."""
    torch.manual_seed(1)
    config = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        projection_dim=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=8,
        initializer_factor=5.0,
    )
    return CLIPVisionModel(config).eval()


def language_model() -> LlamaForCausalLM:
    """A Llama of two layers with tied embeddings."""
    torch.manual_seed(2)
    known = tokenizer()
    config = LlamaConfig(
        vocab_size=(len(known) + 63) // 64 * 64,
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=12,
        max_position_embeddings=1024,
        initializer_range=0.2,
        tie_word_embeddings=True,
        bos_token_id=known.bos_token_id,
        eos_token_id=known.eos_token_id,
        pad_token_id=known.pad_token_id,
    )
    return LlamaForCausalLM(config).eval()


def save_backbones(folder: Path) -> Path:
    """Both, saved as stage backbones leaves them."""
    image_encoder().save_pretrained(folder / "image_encoder")
    size = {"height": SIDE, "width": SIDE}
    CLIPImageProcessorPil(
        size={"shortest_edge": SIDE}, crop_size=size, image_mean=list(CLIP_MEAN), image_std=list(CLIP_STD)
    ).save_pretrained(folder / "image_encoder")
    language_model().save_pretrained(folder / "language_model")
    tokenizer().save_pretrained(folder / "language_model")
    return folder
