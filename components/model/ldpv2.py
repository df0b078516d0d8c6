"""LDPv2, the connector of MobileVLM V2 (arXiv:2402.03766)."""

from __future__ import annotations

import torch
from torch import nn

from .configuration import KoreanVlmConfig
from .connector import Connector, from_grid, to_grid


class Ldpv2Connector(Connector):
    """Two linear layers, average pooling, residual depthwise convolution.

    At the recipe's size (1024 -> 1024, 24 x 24 patches -> 12 x 12 tokens) it has 2,109,440 parameters.
    """

    def __init__(self, config: KoreanVlmConfig) -> None:
        super().__init__(config)
        width = self.text_width
        self.mlp = nn.Sequential(nn.Linear(self.vision_width, width), nn.GELU(), nn.Linear(width, width))
        self.pool = nn.AdaptiveAvgPool2d(self.tokens_per_side)
        self.position = nn.Conv2d(width, width, 3, stride=1, padding=1, groups=width)

    def start(self) -> None:
        """Linear layers as MobileVLM's code leaves them (PyTorch's own), and no convolution yet."""
        super().start()
        for parameter in self.position.parameters():
            nn.init.zeros_(parameter)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(images, patches, vision width) -> (images, tokens, text width).

        Raises:
            ValueError: if the patches do not form a square.
        """
        pooled = self.pool(to_grid(self.mlp(features)))
        return from_grid(self.position(pooled) + pooled)
