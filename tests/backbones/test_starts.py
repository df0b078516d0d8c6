"""How the weights of the small backbones begin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from components.backbones.pretraining.image_encoder import _NEIGHBOURS, PatchNamer
from components.backbones.pretraining.language_model import Reader
from components.backbones.pretraining.patches import PATCHES, Patches
from components.scenes.vocabulary import CELL_INDEX
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
def reader() -> Reader:
    """The language model, and what describes pictures to it, before it has learnt anything."""
    torch.manual_seed(5)
    return Reader(tokenizer()).eval()


@torch.no_grad()
def scores_of(reader: Reader, vectors: torch.Tensor) -> torch.Tensor:
    """Attention scores (heads, length, length) of the first layer, later tokens masked."""
    llama: Any = reader.model
    block, config = llama.model.layers[0], llama.config
    states = block.input_layernorm(vectors)
    query, key = (
        part(states).unflatten(-1, (-1, config.head_dim)).transpose(1, 2)
        for part in (block.self_attn.q_proj, block.self_attn.k_proj)
    )
    length = vectors.shape[1]
    query, key = apply_rotary_pos_emb(query, key, *llama.model.rotary_emb(states, torch.arange(length)[None]))
    key = key.repeat_interleave(config.num_attention_heads // config.num_key_value_heads, dim=1)
    later = torch.ones(length, length).triu(1).bool()
    return (query @ key.transpose(2, 3))[0].masked_fill(later, -torch.inf)


@pytest.mark.parametrize("back", [1, 2])
def test_two_heads_of_the_language_model_look_back(reader: Reader, back: int) -> None:
    torch.manual_seed(6)
    ids = torch.randint(300, len(tokenizer()), (1, 40))
    peaks = scores_of(reader, reader.model.model.embed_tokens(ids))[back - 1].argmax(dim=-1)
    steps = torch.arange(back + 1, 40) - peaks[back + 1 :]
    assert steps.median() == back
    assert ((steps - back).abs() <= 1).all()


@torch.no_grad()
def test_the_other_heads_find_in_the_picture_what_is_named(reader: Reader) -> None:
    """Six things side by side, each over the height of the picture: which image token does its name look at most?"""
    chosen = torch.randperm(len(CELL_INDEX) - 1, generator=torch.Generator().manual_seed(7))[:6] + 1
    grid = chosen.repeat_interleave(PATCHES // 6)[None].expand(PATCHES, -1)
    patches = Patches(grid.flatten().numpy(), np.full((PATCHES**2, 4), 0.1, dtype=np.float32))
    names = list(CELL_INDEX)
    ids = torch.tensor([[tokenizer().convert_tokens_to_ids(names[int(index)]) for index in chosen]])
    vectors = torch.cat((reader.describer([patches]), reader.model.model.embed_tokens(ids)), dim=1)
    found = scores_of(reader, vectors)[2:, -6:, :36].argmax(dim=-1) % 6
    assert (found == torch.arange(6)).float().mean() > 0.7
