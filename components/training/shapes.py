"""Shapes of the language model's linear layers: what FLOPs and activations are counted from."""

from __future__ import annotations

from transformers import LlamaConfig


def linear_layers(text: LlamaConfig) -> dict[str, tuple[int, int]]:
    """Widths (in, out) of the linear layers of one of the language model's layers, by the names that LoRA uses."""
    width, hidden = text.hidden_size, text.intermediate_size
    queries, keys = text.num_attention_heads * text.head_dim, text.num_key_value_heads * text.head_dim
    return {
        "q_proj": (width, queries),
        "k_proj": (width, keys),
        "v_proj": (width, keys),
        "o_proj": (queries, width),
        "gate_proj": (width, hidden),
        "up_proj": (width, hidden),
        "down_proj": (hidden, width),
    }
