"""A small checkpoint in exactly KoLLaVA's layout, put together from any parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import (
    CLIPVisionModel,
    GenerationConfig,
    LlamaForCausalLM,
    MistralForCausalLM,
    PreTrainedTokenizerBase,
)

from components.evaluate.models.llava.conversation import TURN_END
from components.evaluate.models.llava.weights import ENCODER
from components.files.atomic import new_folder, write_json

_FROM_LANGUAGE_MODEL = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "hidden_act",
    "max_position_embeddings",
    "rms_norm_eps",
    "bos_token_id",
    "pad_token_id",
)


def write_stand_in(
    target: Path,
    image_encoder: CLIPVisionModel,
    language_model: LlamaForCausalLM | MistralForCausalLM,
    connector: Mapping[str, torch.Tensor],
    tokenizer: PreTrainedTokenizerBase,
    *,
    image_encoder_at: str,
    feature_layer: int = -2,
    holds_encoder: bool = True,
    shards: int = 2,
) -> None:
    """Write the checkpoint into ``target``, whole or not at all.

    Args:
        connector: of ``nn.Sequential(Linear, GELU, Linear)``: ``0.weight``, ``0.bias``, ``2.weight``, ``2.bias``.
        tokenizer: with ``<|im_start|>`` and ``<|im_end|>``.
        image_encoder_at: what config.json is to name as the encoder, a folder or a name at the hub. How the encoder is
            built and how its pictures are prepared stands only there.
        feature_layer: which of the encoder's hidden states the connector reads.
        holds_encoder: whether the encoder's weights are written, too.
        shards: number of files of weights.
    """
    end = tokenizer.convert_tokens_to_ids(TURN_END)
    weights = _weights(image_encoder if holds_encoder else None, language_model, connector)
    with new_folder(target) as folder:
        config = _config(image_encoder, language_model, image_encoder_at, feature_layer)
        write_json(folder / "config.json", config | {"eos_token_id": end})
        _write_shards(folder, weights, shards)
        tokenizer.save_pretrained(folder)
        GenerationConfig(bos_token_id=config["bos_token_id"], eos_token_id=end).save_pretrained(folder)


def _config(
    image_encoder: CLIPVisionModel, language_model: LlamaForCausalLM | MistralForCausalLM, encoder_at: str, layer: int
) -> dict[str, Any]:
    """The keys of KoLLaVA-v1.5-Synatra-7b's, with the parts' own numbers."""
    text = language_model.config
    rope = text.rope_parameters
    if rope["rope_type"] != "default":
        raise ValueError(
            f"rotary positions of type {rope['rope_type']}: the layout is written for the plain ones alone"
        )
    return {key: getattr(text, key) for key in _FROM_LANGUAGE_MODEL} | {
        "architectures": ["LlavaLlamaForCausalLM"],
        "model_type": "llava",
        "rope_scaling": None,
        "rope_theta": rope["rope_theta"],
        "tie_word_embeddings": False,
        "torch_dtype": str(language_model.dtype).removeprefix("torch."),
        "image_aspect_ratio": "pad",
        "mm_hidden_size": image_encoder.config.hidden_size,
        "mm_projector_type": "mlp2x_gelu",
        "mm_use_im_patch_token": False,
        "mm_use_im_start_end": False,
        "mm_vision_select_feature": "patch",
        "mm_vision_select_layer": layer,
        "mm_vision_tower": encoder_at,
        "use_mm_proj": True,
    }


def _weights(
    image_encoder: CLIPVisionModel | None,
    language_model: LlamaForCausalLM | MistralForCausalLM,
    connector: Mapping[str, torch.Tensor],
) -> dict[str, torch.Tensor]:
    """In the original's order: language model, encoder, connector, head. A head that is tied becomes a copy."""
    named = {name: value for name, value in language_model.state_dict().items() if name != "lm_head.weight"}
    if image_encoder is not None:
        named |= {ENCODER + name: value for name, value in image_encoder.state_dict().items()}
    named |= {f"model.mm_projector.{name}": value for name, value in connector.items()}
    named["lm_head.weight"] = language_model.get_output_embeddings().weight.detach()
    return {name: value.contiguous().clone() for name, value in named.items()}


def _write_shards(folder: Path, weights: Mapping[str, torch.Tensor], shards: int) -> None:
    """Files of about the same number of tensors, and their index."""
    names = list(weights)
    places = {
        name: f"pytorch_model-{_number(i, len(names), shards):05}-of-{shards:05}.bin" for i, name in enumerate(names)
    }
    for file in dict.fromkeys(places.values()):
        torch.save({name: weights[name] for name in names if places[name] == file}, folder / file)
    size = sum(value.numel() * value.element_size() for value in weights.values())
    write_json(folder / "pytorch_model.bin.index.json", {"metadata": {"total_size": size}, "weight_map": places})


def _number(place: int, total: int, shards: int) -> int:
    return place * shards // total + 1
