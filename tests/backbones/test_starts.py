"""How the weights of the small backbones begin."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import LlamaForCausalLM
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from components.backbones.pretraining.image_encoder import _NEIGHBOURS, PatchNamer
from components.backbones.pretraining.language_model import _look_back, language_config
from components.backbones.pretraining.pictures import PATCHES
from tests.model.tiny import tokenizer


@pytest.fixture(scope="module")
def namer() -> PatchNamer:
    """The image encoder before it has learnt anything."""
    torch.manual_seed(3)
    return PatchNamer().eval()


@torch.no_grad()
@pytest.mark.parametrize("layer", [0, 2, 4])
def test_each_head_of_the_image_encoder_looks_at_its_neighbour(namer: PatchNamer, layer: int) -> None:
    encoder: Any = namer.encoder
    torch.manual_seed(4)
    states = encoder.pre_layrnorm(encoder.embeddings(torch.randn(1, 3, 96, 96)))
    for before in encoder.encoder.layers[:layer]:
        states = before(states, None)
    block = encoder.encoder.layers[layer]
    attention, normed = block.self_attn, block.layer_norm1(states)
    heads = len(_NEIGHBOURS)
    query, key = (
        part(normed)[0].unflatten(-1, (heads, -1)).transpose(0, 1) for part in (attention.q_proj, attention.k_proj)
    )
    scores = (query @ key.transpose(1, 2) * attention.scale)[:, 1:, 1:]
    peaks = scores.argmax(dim=-1)
    for head, (down, right) in enumerate(_NEIGHBOURS):
        inner = [(y, x) for y in range(1, PATCHES - 1) for x in range(1, PATCHES - 1)]
        hits = [int(peaks[head, y * PATCHES + x]) == (y + down) * PATCHES + x + right for y, x in inner]
        assert sum(hits) > 0.9 * len(hits), (head, sum(hits) / len(hits))


@pytest.fixture(scope="module")
def llama() -> Any:
    """The language model before it has learnt anything."""
    torch.manual_seed(5)
    model = LlamaForCausalLM(language_config(tokenizer())).eval()
    _look_back(model)
    return model


@torch.no_grad()
def scores_of(llama: Any, ids: torch.Tensor, layer: int) -> torch.Tensor:
    """Attention scores (heads, length, length) of a layer that reads the embeddings, later tokens masked."""
    block, config = llama.model.layers[layer], llama.config
    states = block.input_layernorm(llama.model.embed_tokens(ids))
    query, key = (
        part(states).unflatten(-1, (-1, config.head_dim)).transpose(1, 2)
        for part in (block.self_attn.q_proj, block.self_attn.k_proj)
    )
    query, key = apply_rotary_pos_emb(query, key, *llama.model.rotary_emb(states, torch.arange(ids.shape[1])[None]))
    key = key.repeat_interleave(config.num_attention_heads // config.num_key_value_heads, dim=1)
    length = ids.shape[1]
    later = torch.ones(length, length).triu(1).bool()
    return (query @ key.transpose(2, 3))[0].masked_fill(later, -torch.inf)


@pytest.mark.parametrize("back", [1, 2])
def test_two_heads_of_the_language_model_look_back(llama: Any, back: int) -> None:
    torch.manual_seed(6)
    peaks = scores_of(llama, torch.randint(300, len(tokenizer()), (1, 40)), layer=0)[back - 1].argmax(dim=-1)
    steps = torch.arange(back + 1, 40) - peaks[back + 1 :]
    assert steps.median() == back
    assert ((steps - back).abs() <= 1).all()


@pytest.mark.parametrize("layer", [1, 3])
def test_other_heads_find_the_same_token(llama: Any, layer: int) -> None:
    torch.manual_seed(7)
    once = torch.randperm(len(tokenizer()) - 300)[:12] + 300
    scores = scores_of(llama, torch.cat((once, once))[None], layer)
    # A token finds itself first of all; what it finds next should be its twin.
    scores = scores.masked_fill(torch.eye(24).bool(), -torch.inf)
    twins = scores[:, 12:].argmax(dim=-1) == torch.arange(12)
    assert twins.float().mean() > 0.5
