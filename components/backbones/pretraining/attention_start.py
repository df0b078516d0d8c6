"""How the language model's attention starts: heads that look back, and heads that find in the picture what is named.

Copying, comparing and looking up are made of these two, and a narrow model finds them late by itself, or never. (That
a start near what training finds makes small transformers learn: Trockman and Kolter, arXiv:2305.09828.)
"""

from __future__ import annotations

import torch
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

_BACK, _MATCH, _BONUS = 0.35, 1.8, 0.5


def start_attention(model: LlamaForCausalLM, picture_mark: torch.Tensor) -> None:
    """Set the heads of every layer; ``picture_mark`` (width,) is what all image tokens have in common.

    In the first layer one group of heads looks one and two tokens back. Another, in the first two layers, gives each
    token the image token of the same name. All other heads look for equal tokens.
    """
    config = model.config
    width, queries = config.head_dim, config.num_attention_heads // config.num_key_value_heads
    with torch.no_grad():
        shared = functional.normalize(torch.randn(config.hidden_size), dim=0)
        model.model.embed_tokens.weight += shared
        for index, layer in enumerate(model.model.layers):
            query, key = layer.self_attn.q_proj.weight, layer.self_attn.k_proj.weight
            for head in range(config.num_attention_heads):
                query[head * width : (head + 1) * width] = key[head // queries * width : (head // queries + 1) * width]
            if index == 0:
                key[:width] = _BACK * torch.outer(torch.ones(width), shared)
                for head in range(queries):
                    rows = slice(head * width, (head + 1) * width)
                    query[rows] = _turned(key[:width], -1 - head, _rates(config))
            if index < 2:
                keys, matched = _match(key[-width:], shared, functional.normalize(picture_mark, dim=0))
                key[-width:] = keys
                query[-queries * width :] = matched.repeat(queries, 1)


def _match(weight: torch.Tensor, shared: torch.Tensor, mark: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Key and query weights (head, width) that find equal names, among image tokens first.

    Without the bonus for the mark every token would find itself. It stands on the dimension that the rotary embedding
    turns slowest, so that it reaches any distance.
    """
    weight = _MATCH * (weight - torch.outer(weight @ shared, shared) - torch.outer(weight @ mark, mark))
    slowest = weight.shape[0] // 2 - 1
    key, query = weight.clone(), weight.clone()
    key[slowest], query[slowest] = _BONUS * mark, _BONUS * shared
    return key, query


def _rates(config: LlamaConfig) -> torch.Tensor:
    """Angle a position of each pair of a head's dimensions (rotary positions, arXiv:2104.09864)."""
    half = config.head_dim // 2
    return config.rope_parameters["rope_theta"] ** (-torch.arange(half) / half)


def _turned(weight: torch.Tensor, positions: int, rates: torch.Tensor) -> torch.Tensor:
    """Rows of a head's weight turned as the rotary embedding turns them; dimension i is paired with i + half."""
    cos, sin = (rates * positions).cos()[:, None], (rates * positions).sin()[:, None]
    first, second = weight.chunk(2)
    return torch.cat((first * cos - second * sin, second * cos + first * sin))
