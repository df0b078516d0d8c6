"""What llama.cpp cannot take, found before anything is written."""

from __future__ import annotations

from components.model.configuration import KoreanVlmConfig
from components.stages.errors import UserError

_POOLED_GRID, _POOLED_TOKENS = 24, 12
"""Patches and tokens a side that llama.cpp's LDPv2 is written for (tools/mtmd/models/llava.cpp, ``n_patch``)."""
_PROJECTORS = {"ldpv2": "ldpv2", "mlp2x_gelu": "mlp"}


class NotForLlamaCpp(UserError):
    """llama.cpp cannot run this model; the message names what is wrong and what it takes."""


def projector_type(config: KoreanVlmConfig) -> str:
    """llama.cpp's name of the connector.

    Raises:
        NotForLlamaCpp: if it has none, or not for this image encoder.
    """
    _check_connector(config)
    vision = config.vision_config
    if vision.hidden_act not in ("quick_gelu", "gelu"):
        raise NotForLlamaCpp(
            f"the image encoder's hidden_act is {vision.hidden_act}: llama.cpp takes quick_gelu or gelu"
        )
    if vision.intermediate_size == vision.hidden_size:
        # It swaps the two layers of the MLP in old files, which it knows by the first one's width.
        raise NotForLlamaCpp("the image encoder's intermediate_size equals hidden_size: llama.cpp would swap layers")
    if config.vision_feature_layer != -2:
        raise NotForLlamaCpp(f"model.feature_layer is {config.vision_feature_layer}: as GGUF, only -2 is written")
    return _PROJECTORS[config.connector]


def check_language_model(config: KoreanVlmConfig) -> None:
    """Look for what the writer has no key for.

    Raises:
        NotForLlamaCpp: naming the setting.
    """
    text = config.text_config
    wanted = {"model_type": "llama", "hidden_act": "silu", "attention_bias": False, "mlp_bias": False}
    for key, value in wanted.items():
        if getattr(text, key) != value:
            raise NotForLlamaCpp(
                f"the language model's {key} is {getattr(text, key)!r}: as GGUF, only {value!r} is written"
            )
    rope = text.rope_parameters["rope_type"]
    if rope != "default":
        raise NotForLlamaCpp(f"the language model's rope_type is {rope!r}: as GGUF, only 'default' is written")


def _check_connector(config: KoreanVlmConfig) -> None:
    if config.connector not in _PROJECTORS:
        raise NotForLlamaCpp(
            f"model.connector is {config.connector}: llama.cpp has {', '.join(_PROJECTORS)}; "
            "export to OpenVINO, or train with one of these"
        )
    grid = (config.patches_per_side, config.image_tokens_per_side)
    if config.connector == "ldpv2" and grid != (_POOLED_GRID, _POOLED_TOKENS):
        raise NotForLlamaCpp(
            f"connector ldpv2 reads {grid[0]} x {grid[0]} patches and gives {grid[1]} x {grid[1]} image tokens: "
            f"llama.cpp has it for {_POOLED_GRID} x {_POOLED_GRID} and {_POOLED_TOKENS} x {_POOLED_TOKENS} only "
            "(CLIP ViT-L/14-336); export to OpenVINO, or train with such an image encoder"
        )
