"""Which layers of the image encoder and the connector rounding to bytes harms most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from components.model.modeling import KoreanVlmForConditionalGeneration

_WEIGHT_STEPS, _NUMBER_STEPS = 63, 255
"""Half of a byte's range with a sign; a whole byte without one."""


@torch.no_grad()
def most_sensitive_first(model: KoreanVlmForConditionalGeneration, pixels: Sequence[np.ndarray]) -> list[str]:
    """Names of the layers within the model, sorted by how much rounding that layer alone changes image tokens.

    Layers that image tokens do not depend on are left out.

    Args:
        pixels: a few pictures, each (1, 3, height, width).
    """
    shown = torch.from_numpy(np.concatenate(list(pixels)))
    model.eval()
    expected = model.model.image_tokens(shown)
    layers = {name: layer for name, layer in model.model.named_modules() if _is_rounded(name, layer)}
    changes = {name: _change(model, layer, shown, expected) for name, layer in layers.items()}
    return sorted((name for name, change in changes.items() if change), key=lambda name: -changes[name])


def _is_rounded(name: str, layer: nn.Module) -> bool:
    """As components.export.openvino.quantise does it: not where a convolution goes channel by channel."""
    if name.startswith("language_model."):
        return False
    return isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.groups == 1)


def _change(
    model: KoreanVlmForConditionalGeneration, layer: nn.Module, pixels: torch.Tensor, expected: torch.Tensor
) -> float:
    """Squared difference of image tokens with one layer's weights and inputs rounded."""
    weights: torch.Tensor = layer.weight.data  # type: ignore[assignment,union-attr]
    kept = weights.clone()
    hook = layer.register_forward_pre_hook(lambda _, inputs: (_rounded_numbers(inputs[0]), *inputs[1:]))
    try:
        weights.copy_(_rounded_weights(kept))
        return float((model.model.image_tokens(pixels) - expected).square().sum())
    finally:
        hook.remove()
        weights.copy_(kept)


def _rounded_weights(weights: torch.Tensor) -> torch.Tensor:
    """A scale an output, as quantisation gives them."""
    largest = weights.abs().flatten(1).amax(1).clamp_min(torch.finfo(weights.dtype).tiny)
    scale = (largest / _WEIGHT_STEPS).view(-1, *[1] * (weights.ndim - 1))
    return (weights / scale).round() * scale


def _rounded_numbers(numbers: torch.Tensor) -> torch.Tensor:
    """One scale for all."""
    low, high = numbers.min().clamp_max(0), numbers.max().clamp_min(0)
    scale = ((high - low) / _NUMBER_STEPS).clamp_min(torch.finfo(numbers.dtype).tiny)
    return ((numbers - low) / scale).round() * scale + low
