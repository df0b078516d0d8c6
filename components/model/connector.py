"""The connection module between image encoder and language model."""

from __future__ import annotations

import math

import torch
from torch import nn


class Ldpv2Connector(nn.Module):
    """LDPv2 of MobileVLM V2 (arXiv:2402.03766): two linear layers, average pooling, residual depthwise convolution.

    At the recipe's size (1024 -> 1024, 24 x 24 patches -> 12 x 12 tokens) it has 2,109,440 parameters.
    """

    def __init__(self, vision_width: int, text_width: int, tokens_per_side: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(vision_width, text_width), nn.GELU(), nn.Linear(text_width, text_width))
        self.pool = nn.AdaptiveAvgPool2d(tokens_per_side)
        self.position = nn.Conv2d(text_width, text_width, 3, stride=1, padding=1, groups=text_width)

    def start(self) -> None:
        """Initial weights: linear layers as MobileVLM's code leaves them (uniform, within 1/sqrt(width)), and no
        convolution yet. transformers would draw all from its ``initializer_range`` of 0.02, meant for wide models.
        """
        for layer in self.mlp:
            if isinstance(layer, nn.Linear):
                layer.reset_parameters()
        for parameter in self.position.parameters():
            nn.init.zeros_(parameter)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(images, patches, vision width) -> (images, tokens, text width).

        Raises:
            ValueError: if the patches do not form a square.
        """
        images, patches, _ = features.shape
        side = math.isqrt(int(patches))
        if side * side != patches:
            raise ValueError(f"{patches} patches do not form a square: is the class token still among them?")
        grid = self.mlp(features).transpose(1, 2).reshape(images, -1, side, side)
        pooled = self.pool(grid)
        return (self.position(pooled) + pooled).flatten(2).transpose(1, 2)
