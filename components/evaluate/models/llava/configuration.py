"""What the original ``config.json`` says, in terms of transformers' LLaVA."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig

from components.evaluate.models.spec import ModelError

_LLAMA = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "max_position_embeddings",
    "rms_norm_eps",
    "hidden_act",
)
"""Keys that must be there: what they are by default has changed over the years."""
_LLAMA_OPTIONAL = ("rope_theta", "rope_scaling", "head_dim", "attention_bias", "mlp_bias")
_SELECTIONS = {"patch": "default", "cls_patch": "full"}
"""Which of the encoder's states are image tokens: all but the class token's, or all."""
_SUPPORTED: dict[str, tuple[Any, ...]] = {
    "mm_projector_type": ("mlp2x_gelu",),
    "mm_use_im_start_end": (False, None),
    "image_aspect_ratio": ("pad", "square", None),
    "mm_vision_select_feature": (*_SELECTIONS, None),
}


def read_original(folder: Path) -> dict[str, Any]:
    """The original's ``config.json``.

    Raises:
        ModelError: if it is not of a LLaVA, lacks a key, or asks for what is not supported.
    """
    file = folder / "config.json"
    try:
        original: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{file} is not JSON ({error}): copy it again") from error
    missing = [key for key in (*_LLAMA, "mm_vision_tower", "mm_vision_select_layer") if key not in original]
    if missing:
        raise ModelError(f"{file} has no {', '.join(missing)}: is it a checkpoint in LLaVA's original layout?")
    for key, values in _SUPPORTED.items():
        if original.get(key) not in values:
            known = ", ".join(map(repr, values))
            raise ModelError(f"{file}: {key} is {original.get(key)!r}; of LLaVA's layout, this is read: {known}")
    return original


def to_transformers(original: Mapping[str, Any], encoder: CLIPVisionConfig, image_token: int) -> LlavaConfig:
    """The configuration of the same model in transformers.

    The language model is a Llama, also where its weights were Mistral's: the original code runs it as
    ``LlamaForCausalLM``. Both compute the same, but for Mistral's sliding window, which the original never applied.

    Args:
        encoder: the image encoder's.
        image_token: id of the placeholder; where it lies beyond the vocabulary, the vocabulary grows to hold it.
    """
    llama = {key: original[key] for key in (*_LLAMA, *_LLAMA_OPTIONAL) if key in original}
    llama["vocab_size"] = max(original["vocab_size"], image_token + 1)
    strategy = _SELECTIONS[original.get("mm_vision_select_feature") or "patch"]
    patches = (encoder.image_size // encoder.patch_size) ** 2
    return LlavaConfig(
        vision_config=encoder,
        text_config=LlamaConfig.from_dict(llama),
        image_token_index=image_token,
        image_seq_length=patches + (strategy == "full"),
        projector_hidden_act="gelu",
        vision_feature_select_strategy=strategy,
        vision_feature_layer=original["mm_vision_select_layer"],
        tie_word_embeddings=False,
    )
