"""The projector's GGUF file: image encoder and connector, as llama.cpp's library for pictures reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import torch
from torch import nn

from components.export.gguf.refusals import projector_type
from components.export.gguf.tensors import add_tensor
from components.files.atomic import new_file
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor

_LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.out_proj": "attn_out",
    "layer_norm1": "ln1",
    "layer_norm2": "ln2",
    "mlp.fc1": "ffn_up",
    "mlp.fc2": "ffn_down",
}
_FILE_TYPES = {
    "F32": gguf.LlamaFileType.ALL_F32,
    "F16": gguf.LlamaFileType.MOSTLY_F16,
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
}
_CONVOLUTION, _DEPTHWISE = "v.patch_embd.weight", "mm.model.peg.0.weight"


def write_projector(
    path: Path, model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor, kind: str
) -> None:
    """Write the file that fits ``use_cls``.

    With the class token, the file has ``v.class_embd``, and is read rightly only by a llama.cpp that puts it first
    (components.export.gguf.projector_check). Without, every llama.cpp reads the file rightly.

    Args:
        path: of the file.
        model: on the CPU.
        processor: the model's, for its mean and standard deviation.
        kind: of matrices: F32, F16 or Q8_0.

    Raises:
        NotForLlamaCpp: if llama.cpp cannot run the image encoder or the connector.
    """
    connector = projector_type(model.config)
    with new_file(path) as part:
        writer = gguf.GGUFWriter(part, "clip")
        _add_settings(writer, model, processor, connector)
        writer.add_file_type(_FILE_TYPES[kind])
        for name, tensor in _tensors(model, connector):
            add_tensor(writer, name, tensor, _kind(name, tensor, kind))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def _add_settings(
    writer: gguf.GGUFWriter, model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor, connector: str
) -> None:
    vision, layers = model.config.vision_config, len(_layers(model))
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type(connector)
    writer.add_bool("clip.has_llava_projector", True)
    writer.add_vision_image_size(vision.image_size)
    writer.add_vision_patch_size(vision.patch_size)
    writer.add_vision_embedding_length(vision.hidden_size)
    writer.add_vision_feed_forward_length(vision.intermediate_size)
    writer.add_vision_projection_dim(model.config.text_config.hidden_size)
    writer.add_vision_head_count(vision.num_attention_heads)
    writer.add_vision_attention_layernorm_eps(vision.layer_norm_eps)
    writer.add_vision_block_count(layers)
    # Without this key llama.cpp would leave out one layer more.
    writer.add_array("clip.vision.feature_layer", [layers])
    writer.add_vision_use_gelu(vision.hidden_act == "gelu")
    writer.add_vision_image_mean(list(processor.image_processor.image_mean))
    writer.add_vision_image_std(list(processor.image_processor.image_std))


def _tensors(model: KoreanVlmForConditionalGeneration, connector: str) -> Iterator[tuple[str, torch.Tensor]]:
    tower, use_cls = model.model.vision_tower, model.config.use_cls
    positions = tower.embeddings.position_embedding.weight
    if use_cls:
        yield "v.class_embd", tower.embeddings.class_embedding
    yield _CONVOLUTION, tower.embeddings.patch_embedding.weight
    # Without the class token llama.cpp counts positions from the first patch, whose position is the second.
    yield "v.position_embd.weight", positions if use_cls else positions[1:]
    yield from _both("v.pre_ln", tower.pre_layrnorm)
    for number, layer in enumerate(_layers(model)):
        for theirs, ours in _LAYER.items():
            yield from _both(f"v.blk.{number}.{ours}", layer.get_submodule(theirs))
    joined: Any = model.model.multi_modal_projector
    for number in (0, 2):
        yield from _both(f"mm.{number}" if connector == "mlp" else f"mm.model.mlp.{number}", joined.mlp[number])
    if connector == "ldpv2":
        yield from _both("mm.model.peg.0", joined.position)


def _both(name: str, module: Any) -> Iterator[tuple[str, torch.Tensor]]:
    yield f"{name}.weight", module.weight
    yield f"{name}.bias", module.bias


def _layers(model: KoreanVlmForConditionalGeneration) -> list[nn.Module]:
    """Those up to the one that is read."""
    layers = list(model.model.vision_tower.encoder.layers)
    return layers[: len(layers) + 1 + model.config.vision_feature_layer]


def _kind(name: str, tensor: torch.Tensor, kind: str) -> str:
    """Of one tensor: convolutions are not quantised, and the depthwise one's kernel can only be F16 (ggml's im2col)."""
    if name == _DEPTHWISE:
        return "F16"
    if name == _CONVOLUTION:
        return "F32" if kind == "F32" else "F16"
    return kind if tensor.ndim == 2 and name != "v.position_embd.weight" else "F32"
