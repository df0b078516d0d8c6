"""Attention over samples laid end to end: each token sees what stands before it in its own sample, nothing else."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward

PACKED = "packed"


def use_packed_attention(language_model: PreTrainedModel) -> None:
    """Let a language model attend within samples where a batch says where they begin (``cu_seq_lens_q``).

    transformers makes no mask for an attention that it does not know, so none of length x length is ever held.
    """
    AttentionInterface.register(PACKED, packed_attention)
    language_model.set_attn_implementation(PACKED)


def packed_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    cu_seq_lens_q: torch.Tensor | None = None,
    max_length_q: int = 0,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each sample, as transformers' attention functions take and give it.

    Args:
        module: the attention layer.
        query: (1, heads, tokens, width); key and value may have fewer heads.
        key: see query.
        value: see query.
        attention_mask: not used where samples are packed.
        scaling: of the scores.
        cu_seq_lens_q: (samples + 1,) int32, where each sample begins, and the end; None: a padded batch.
        max_length_q: tokens of the longest sample, where samples are packed.
        kwargs: what else transformers hands to attention functions.

    Returns:
        (1, tokens, heads, width), and no weights.
    """
    if cu_seq_lens_q is None:
        return sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **kwargs)
    if query.is_cuda:
        return _on_gpu(query, key, value, scaling, cu_seq_lens_q, max_length_q), None
    parts = [
        scaled_dot_product_attention(
            query[:, :, first:end],
            key[:, :, first:end],
            value[:, :, first:end],
            scale=scaling,
            is_causal=True,
            enable_gqa=True,
        )
        for first, end in pairwise(cu_seq_lens_q.tolist())
    ]
    return torch.cat(parts, dim=2).transpose(1, 2), None


def _on_gpu(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    scaling: float | None,
    bounds: torch.Tensor,
    longest: int,
) -> torch.Tensor:
    """FlashAttention's variable-length kernel (arXiv:2307.08691), which comes with torch."""
    from torch.nn.attention.varlen import varlen_attn

    queries, keys, values = (states[0].transpose(0, 1) for states in (query, key, value))
    attended: Any = varlen_attn(
        queries, keys, values, bounds, bounds, longest, longest, scale=scaling, window_size=(-1, 0), enable_gqa=True
    )
    return attended[None]
