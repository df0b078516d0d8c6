"""Described pictures: what the language model gets in place of image tokens while it learns to talk about scenes, and
what the image encoder then learns to say."""

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
_FORGOTTEN, _MISTAKEN = 0.06, 0.03
"""Shares of patches whose name is lost or wrong: no image encoder is without fault."""
_LITTLE_NOISE = 0.03
_SIZES, _OFFSET, _TURN, _NOISE = (0.6, 1.6), 0.05, 0.35, 0.06
"""How far a connector may be from what is described: see ``_distorted``."""


class Describer(nn.Module):
    """Patches -> (n, 36, width): the embedding of each patch's name if it has one, of its place, of its thing's box,
    and a mark that all share; averaged over 2 x 2 patches as the connector averages (LDPv2, arXiv:2402.03766).

    Neither stage of training sees this module. Stage 1 teaches the connector to give what it gave.
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

    def forward(
        self, patches: Sequence[Patches], rng: np.random.Generator | None = None, distorted: bool = False
    ) -> torch.Tensor:
        """With ``rng``, faults and noise are put in; ``distorted``, the vectors are changed as a whole too."""
        names = np.stack([p.names for p in patches])
        boxes = torch.from_numpy(np.stack([p.boxes for p in patches]))
        if rng is not None:
            names = with_faults(rng, names)
        vectors = self.of_patches(torch.from_numpy(names), boxes)
        grid = vectors.transpose(1, 2).unflatten(2, (PATCHES, PATCHES))
        pooled = functional.avg_pool2d(grid, PATCHES // DESCRIPTION_SIDE).flatten(2).transpose(1, 2)
        if rng is None:
            return pooled
        return _distorted(pooled, rng) if distorted else pooled + _tensor(rng.normal(0, _LITTLE_NOISE, pooled.shape))

    def of_patches(self, names: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
        """Names (n, 144) and boxes (n, 144, 4) -> the vector of each patch, (n, 144, width)."""
        return self.name_vectors()[names] + self.mark + self.place(self._places) + self.box(boxes)

    def name_vectors(self) -> torch.Tensor:
        """(cells, width): what each name adds to a patch's vector; nothing where nothing stands."""
        vectors = _NAME * functional.embedding(self._cell_tokens, self._embedding[0].weight)
        return vectors * (torch.arange(len(vectors)) != CELL_INDEX[EMPTY])[:, None]


def _distorted(vectors: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Vectors (n, 36, width) as a connector might give them: another size and offset for each picture, another basis
    for each batch, noise on each vector. What the language model does with a picture must not hang on any of these."""
    pictures, _, width = vectors.shape
    size = _tensor(rng.uniform(*_SIZES, (pictures, 1, 1)))
    offset = _tensor(rng.normal(0, _OFFSET, (pictures, 1, width)))
    turn = _tensor(rng.normal(0, rng.uniform(0, _TURN) * width**-0.5, (width, width)))
    noise = _tensor(rng.normal(0, _NOISE, vectors.shape))
    return size * (vectors + vectors @ turn) + offset + noise


def _tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values.astype(np.float32))


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
