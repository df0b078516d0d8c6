"""Described pictures: what the language model gets in place of image tokens while it learns to talk about scenes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from components.backbones.pretraining.patches import PATCHES, Patches
from components.scenes.vocabulary import CELL_INDEX, EMPTY

DESCRIPTION_SIDE = 6
"""A description has 6 x 6 vectors, as many as the demo's connector gives image tokens."""
_PLACE_RATES = (1.0, 2.0, 4.0)
_NAME, _SPREAD = 2.0, 0.5
"""Size of a name, as a thing that covers a part of a vector must still be found, and of a place."""
_FORGOTTEN, _MISTAKEN, _NOISE = 0.06, 0.03, 0.03
"""Shares of patches whose name is lost or wrong, and the noise on each vector: no image encoder is without fault."""


class Describer(nn.Module):
    """Patches -> (n, 36, width): the embedding of each patch's name if it has one, of its place, of its thing's box,
    and a mark that all share; averaged over 2 x 2 patches as the connector averages (LDPv2, arXiv:2402.03766).

    Only the language model is shipped. Stage 1 teaches the connector to give what this module gave.
    """

    _cell_tokens: torch.Tensor
    _places: torch.Tensor

    def __init__(self, embedding: nn.Embedding, cell_tokens: Sequence[int]) -> None:
        super().__init__()
        self._embedding = [embedding]
        self.register_buffer("_cell_tokens", torch.tensor(cell_tokens), persistent=False)
        self.register_buffer("_places", _place_code(), persistent=False)
        width, places = embedding.embedding_dim, self._places.shape[1]
        self.place = nn.Linear(places, width, bias=False)
        self.box = nn.Linear(4, width, bias=False)
        self.mark = nn.Parameter(functional.normalize(torch.randn(width), dim=0))
        nn.init.normal_(self.place.weight, std=_SPREAD * (width * places / 2) ** -0.5)
        nn.init.normal_(self.box.weight, std=width**-0.5)

    def forward(self, patches: Sequence[Patches], rng: np.random.Generator | None = None) -> torch.Tensor:
        """With ``rng``, faults are put in."""
        names = np.stack([p.names for p in patches])
        boxes = torch.from_numpy(np.stack([p.boxes for p in patches]))
        if rng is not None:
            names = with_faults(rng, names)
        named = torch.from_numpy(names != CELL_INDEX[EMPTY])[..., None]
        vectors = functional.embedding(self._cell_tokens[torch.from_numpy(names)], self._embedding[0].weight)
        vectors = _NAME * vectors * named + self.mark + self.place(self._places) + self.box(boxes)
        grid = vectors.transpose(1, 2).unflatten(2, (PATCHES, PATCHES))
        pooled = functional.avg_pool2d(grid, PATCHES // DESCRIPTION_SIDE).flatten(2).transpose(1, 2)
        if rng is not None:
            pooled = pooled + torch.from_numpy(rng.normal(0, _NOISE, pooled.shape).astype(np.float32))
        return pooled


def with_faults(rng: np.random.Generator, names: np.ndarray) -> np.ndarray:
    """Names with some lost and some taken for another."""
    chance = rng.random(names.shape)
    names = np.where(chance < _FORGOTTEN, CELL_INDEX[EMPTY], names)
    mistaken = (chance > 1 - _MISTAKEN) & (names != CELL_INDEX[EMPTY])
    return np.where(mistaken, rng.integers(0, len(CELL_INDEX), names.shape), names)


def _place_code() -> torch.Tensor:
    """(144, 12): sines and cosines of each patch's row and column."""
    angles = torch.arange(PATCHES)[:, None] / PATCHES * torch.pi * torch.tensor(_PLACE_RATES)
    one = torch.cat((angles.sin(), angles.cos()), dim=1)
    rows, columns = one[:, None].expand(-1, PATCHES, -1), one[None].expand(PATCHES, -1, -1)
    return torch.cat((rows, columns), dim=2).flatten(0, 1)
