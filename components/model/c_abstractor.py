"""C-Abstractor, the convolutional connector of Honeybee (arXiv:2312.06742)."""

from __future__ import annotations

import torch
from torch import nn

from .configuration import KoreanVlmConfig
from .connector import Connector, from_grid, to_grid
from .regnet import regnet_stage

_BLOCKS = 3
"""RegNet blocks before and after pooling, as in the paper's final model."""


class CAbstractorConnector(Connector):
    """RegNet blocks, average pooling, RegNet blocks, two linear layers.

    The blocks are as wide as the image encoder: 1024 for CLIP ViT-L, as in Honeybee's code. That code can also learn
    position embeddings and end tokens, which are left out: CLIP's features carry positions, and here an image is as
    many tokens as the grid has places.
    """

    def __init__(self, config: KoreanVlmConfig) -> None:
        super().__init__(config)
        inner, width = self.vision_width, self.text_width
        self.before = regnet_stage(_BLOCKS, inner, inner)
        self.pool = nn.AdaptiveAvgPool2d(self.tokens_per_side)
        self.after = regnet_stage(_BLOCKS, inner, inner)
        self.mlp = nn.Sequential(nn.Linear(inner, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(images, patches, vision width) -> (images, tokens, text width).

        Raises:
            ValueError: if the patches do not form a square.
        """
        return self.mlp(from_grid(self.after(self.pool(self.before(to_grid(features))))))
