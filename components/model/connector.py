"""What all connectors share: widths, the grid of image tokens, and a record of both kind and grid among the weights."""

from __future__ import annotations

import math

import torch
from torch import nn

from .configuration import KoreanVlmConfig


class WrongConnector(ValueError):
    """A configuration asks for a connector that there is not, or that the weights are not of."""


class Connector(nn.Module):
    """Turns image features (images, patches, vision width) into image tokens (images, tokens, text width).

    Kind and grid are saved among the weights (PyTorch's "extra state"), because the grid shows in no weight's shape:
    weights of another connector are refused wherever they are loaded.
    """

    def __init__(self, config: KoreanVlmConfig) -> None:
        super().__init__()
        self.vision_width: int = config.vision_config.hidden_size
        self.text_width: int = config.text_config.hidden_size
        self.tokens_per_side = config.image_tokens_per_side
        self.description = f"{config.connector} with {self.tokens_per_side} x {self.tokens_per_side} image tokens"

    @classmethod
    def grids(cls, patches_per_side: int) -> range:
        """Which ``image_tokens_per_side`` it can give; pooling gives any number up to that of the patches."""
        return range(1, patches_per_side + 1)

    def start(self) -> None:
        """Initial weights as PyTorch's layers draw them: uniform, within 1/sqrt(values that an output is made of).

        transformers would draw all from its ``initializer_range`` of 0.02, meant for wide models.
        """
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Conv2d | nn.LayerNorm):
                module.reset_parameters()

    def get_extra_state(self) -> torch.Tensor:
        """Kind and grid, as UTF-8 bytes: safetensors holds nothing but tensors."""
        return torch.tensor(list(self.description.encode()), dtype=torch.uint8)

    def set_extra_state(self, state: torch.Tensor) -> None:
        """Compare what the weights that are being loaded say of themselves.

        Raises:
            WrongConnector: if they are of another kind or grid.
        """
        found = bytes(state.tolist()).decode(errors="replace")
        if found != self.description:
            raise WrongConnector(f"the weights are of connector {found}; the configuration asks for {self.description}")


def to_grid(features: torch.Tensor) -> torch.Tensor:
    """(images, patches, width) -> (images, width, side, side).

    Raises:
        ValueError: if the patches do not form a square.
    """
    images, patches, width = features.shape
    side = math.isqrt(int(patches))
    if side * side != patches:
        raise ValueError(f"{patches} patches do not form a square: is the class token still among them?")
    return features.transpose(1, 2).reshape(images, width, side, side)


def from_grid(grid: torch.Tensor) -> torch.Tensor:
    """(images, width, side, side) -> (images, side x side, width)."""
    return grid.flatten(2).transpose(1, 2)
