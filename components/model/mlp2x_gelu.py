"""The connector of LLaVA-1.5 (arXiv:2310.03744)."""

from __future__ import annotations

import torch
from torch import nn

from .configuration import KoreanVlmConfig
from .connector import Connector


class Mlp2xGeluConnector(Connector):
    """Two linear layers with a GELU between them. Every patch stays a token: 576 for CLIP ViT-L/14-336."""

    def __init__(self, config: KoreanVlmConfig) -> None:
        super().__init__(config)
        width = self.text_width
        self.mlp = nn.Sequential(nn.Linear(self.vision_width, width), nn.GELU(), nn.Linear(width, width))

    @classmethod
    def grids(cls, patches_per_side: int) -> range:
        """The grid of the patches alone."""
        return range(patches_per_side, patches_per_side + 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(images, patches, vision width) -> (images, patches, text width)."""
        return self.mlp(features)
