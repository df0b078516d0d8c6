"""The language model's GGUF file: llama.cpp's architecture ``llama``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gguf
import torch

from components.bundles.llama_cpp import names
from components.export.gguf.refusals import check_language_model
from components.export.gguf.tensors import add_tensor
from components.export.gguf.vocabulary import Vocabulary, add_vocabulary
from components.files.atomic import new_file
from components.model.configuration import KoreanVlmConfig
from components.model.modeling import KoreanVlmForConditionalGeneration

LINEAR_LAYERS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""transformers' names within a layer, and GGUF's."""
_NORMS = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
_FILE_TYPES = {
    "F32": gguf.LlamaFileType.ALL_F32,
    "F16": gguf.LlamaFileType.MOSTLY_F16,
    "BF16": gguf.LlamaFileType.MOSTLY_BF16,
}
PLAIN_TYPES = tuple(_FILE_TYPES)
"""Types that are written without llama.cpp's quantiser."""


def write_language_model(
    path: Path, model: KoreanVlmForConditionalGeneration, vocabulary: Vocabulary | None, kind: str
) -> None:
    """Write a file of one of PLAIN_TYPES.

    Args:
        path: of the file.
        model: on the CPU.
        vocabulary: None: without; such a file takes ids and gives logits, and cannot read text.
        kind: of matrices; norms stay in F32.

    Raises:
        NotForLlamaCpp: naming the setting that llama.cpp's architecture has not.
    """
    check_language_model(model.config)
    with new_file(path) as part:
        writer = gguf.GGUFWriter(part, "llama")
        _add_settings(writer, model.config)
        writer.add_file_type(_FILE_TYPES[kind])
        if vocabulary is None:
            writer.add_tokenizer_model("no_vocab")
            writer.add_vocab_size(model.config.text_config.vocab_size)
        else:
            add_vocabulary(writer, vocabulary)
        for name, tensor in _tensors(model):
            add_tensor(writer, name, tensor, "F32" if tensor.ndim == 1 else kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()


def _add_settings(writer: gguf.GGUFWriter, config: KoreanVlmConfig) -> None:
    text = config.text_config
    writer.add_context_length(text.max_position_embeddings)
    writer.add_embedding_length(text.hidden_size)
    writer.add_block_count(text.num_hidden_layers)
    writer.add_feed_forward_length(text.intermediate_size)
    writer.add_head_count(text.num_attention_heads)
    writer.add_head_count_kv(text.num_key_value_heads)
    writer.add_key_length(text.head_dim)
    writer.add_value_length(text.head_dim)
    writer.add_rope_dimension_count(text.head_dim)
    writer.add_rope_freq_base(text.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(text.rms_norm_eps)
    writer.add_uint32(names.IMAGE_TOKEN_ID, config.image_token_index)
    writer.add_uint32(names.IMAGE_SIDE, config.vision_config.image_size)


def _tensors(model: KoreanVlmForConditionalGeneration) -> Iterator[tuple[str, torch.Tensor]]:
    """Names and tensors of the file; a head that shares the embedding table's weights is left out."""
    reader, text = model.model.language_model, model.config.text_config
    heads = {"attn_q": text.num_attention_heads, "attn_k": text.num_key_value_heads}
    yield "token_embd.weight", reader.embed_tokens.weight
    for number, layer in enumerate(reader.layers):
        for theirs, ours in _NORMS.items():
            yield f"blk.{number}.{ours}.weight", layer.get_submodule(theirs).weight
        for theirs, ours in LINEAR_LAYERS.items():
            weight = layer.get_submodule(theirs).weight
            yield f"blk.{number}.{ours}.weight", _interleave(weight, heads[ours]) if ours in heads else weight
    yield "output_norm.weight", reader.norm.weight
    if model.lm_head.weight.data_ptr() != reader.embed_tokens.weight.data_ptr():
        yield "output.weight", model.lm_head.weight


def _interleave(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Rows of queries or keys in llama.cpp's order.

    It turns neighbouring values of a head together (RoPE as in arXiv:2104.09864), transformers those that are half a
    head apart.
    """
    rows, width = weight.shape
    return weight.view(heads, 2, rows // heads // 2, width).transpose(1, 2).reshape(rows, width)
