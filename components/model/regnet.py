"""RegNet's blocks (arXiv:2003.13678), as timm's ``RegStage`` builds them with SiLU and ``LayerNorm2d``.

Written here because timm needs torchvision. All take and give (images, channels, height, width).
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

_SQUEEZE_SHARE = 0.25
"""timm's ``se_ratio``: channels between the two layers of squeeze-excitation, as a share of the block's input."""


class RegNetBlock(nn.Module):
    """1 x 1, depthwise 3 x 3 (timm's ``group_size`` of 1), squeeze-excitation and 1 x 1, added to the input."""

    def __init__(self, width_in: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(*_convolution(width_in, width, 1), nn.SiLU())
        self.conv2 = nn.Sequential(*_convolution(width, width, 3, groups=width), nn.SiLU())
        self.excitation = SqueezeExcitation(width, round(width_in * _SQUEEZE_SHARE))
        self.conv3 = nn.Sequential(*_convolution(width, width, 1))
        self.shortcut = nn.Identity() if width_in == width else nn.Sequential(*_convolution(width_in, width, 1))

    def forward(self, grid: torch.Tensor) -> torch.Tensor:
        """The same height and width, with ``width`` channels."""
        inner = self.conv3(self.excitation(self.conv2(self.conv1(grid))))
        return functional.silu(inner + self.shortcut(grid))


class SqueezeExcitation(nn.Module):
    """Each channel times a gate between 0 and 1 that follows from all channels' means (arXiv:1709.01507)."""

    def __init__(self, width: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(width, squeezed, 1)
        self.excite = nn.Conv2d(squeezed, width, 1)

    def forward(self, grid: torch.Tensor) -> torch.Tensor:
        """The same shape."""
        means = grid.mean(dim=(2, 3), keepdim=True)
        return grid * torch.sigmoid(self.excite(functional.silu(self.squeeze(means))))


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of each place."""

    def forward(self, grid: torch.Tensor) -> torch.Tensor:
        """The same shape."""
        return super().forward(grid.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def regnet_stage(blocks: int, width_in: int, width: int) -> nn.Sequential:
    """Blocks one after the other; the first changes the number of channels."""
    return nn.Sequential(*(RegNetBlock(width_in if number == 0 else width, width) for number in range(blocks)))


def _convolution(width_in: int, width: int, kernel: int, groups: int = 1) -> list[nn.Module]:
    """A convolution that keeps height and width, and its normalisation, which makes a bias of its own pointless."""
    return [
        nn.Conv2d(width_in, width, kernel, padding=kernel // 2, groups=groups, bias=False),
        LayerNorm2d(width, eps=1e-5),
    ]
