"""C-Abstractor against its definition written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from components.model.c_abstractor import CAbstractorConnector
from tests.model.parity import assert_gives
from tests.model.tiny import connector_config

Weights = dict[str, np.ndarray]
BLOCKS = 3


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def silu(values: np.ndarray) -> np.ndarray:
    return values * sigmoid(values)


def part(weights: Weights, name: str) -> Weights:
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}


def normalised(grid: np.ndarray, weights: Weights) -> np.ndarray:
    """Layer normalisation of each place's channels."""
    mean, variance = grid.mean(axis=-1, keepdims=True), grid.var(axis=-1, keepdims=True)
    return (grid - mean) / np.sqrt(variance + 1e-5) * weights["1.weight"] + weights["1.bias"]


def pointwise(grid: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.einsum("rci,oi->rco", grid, weight[:, :, 0, 0])


def depthwise(grid: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    rows, columns, _ = grid.shape
    padded = np.pad(grid, ((1, 1), (1, 1), (0, 0)))
    shifts = [(down, right) for down in range(3) for right in range(3)]
    return sum(
        padded[down : down + rows, right : right + columns] * kernel[:, 0, down, right] for down, right in shifts
    )


def block(grid: np.ndarray, weights: Weights) -> np.ndarray:
    """A RegNet block: two activated convolutions, squeeze-excitation, a third convolution, plus the input."""
    hidden = silu(normalised(pointwise(grid, weights["conv1.0.weight"]), part(weights, "conv1")))
    hidden = silu(normalised(depthwise(hidden, weights["conv2.0.weight"]), part(weights, "conv2")))
    means = hidden.mean(axis=(0, 1))
    squeezed = silu(weights["excitation.squeeze.weight"][:, :, 0, 0] @ means + weights["excitation.squeeze.bias"])
    gate = sigmoid(weights["excitation.excite.weight"][:, :, 0, 0] @ squeezed + weights["excitation.excite.bias"])
    hidden = normalised(pointwise(hidden * gate, weights["conv3.0.weight"]), part(weights, "conv3"))
    return silu(hidden + grid)


def pooled(grid: np.ndarray, side: int) -> np.ndarray:
    """Means of windows that may overlap where the sides do not divide."""
    size = len(grid)
    edges = [(place * size // side, math.ceil((place + 1) * size / side)) for place in range(side)]
    return np.array(
        [[grid[top:bottom, left:right].mean(axis=(0, 1)) for left, right in edges] for top, bottom in edges]
    )


def reference(connector: CAbstractorConnector, features: np.ndarray, tokens_per_side: int) -> np.ndarray:
    """C-Abstractor for one image."""
    weights = {name: value.detach().double().numpy() for name, value in connector.named_parameters()}
    side = math.isqrt(len(features))
    grid = features.reshape(side, side, -1)
    for number in range(BLOCKS):
        grid = block(grid, part(weights, f"before.{number}"))
    grid = pooled(grid, tokens_per_side)
    for number in range(BLOCKS):
        grid = block(grid, part(weights, f"after.{number}"))
    tokens = grid.reshape(tokens_per_side**2, -1)
    hidden = silu(tokens @ weights["mlp.0.weight"].T + weights["mlp.0.bias"])
    return hidden @ weights["mlp.2.weight"].T + weights["mlp.2.bias"]


@pytest.mark.parametrize(("side", "tokens_per_side"), [(24, 12), (12, 6), (8, 5)])
def test_is_c_abstractor(side: int, tokens_per_side: int) -> None:
    torch.manual_seed(side)
    connector = CAbstractorConnector(connector_config("c-abstractor", 20, 28, side, tokens_per_side))
    connector.start()
    for name, parameter in connector.named_parameters():
        if name.endswith((".1.weight", ".bias")):  # normalisations begin as nothing, which would hide what they do
            torch.nn.init.normal_(parameter, mean=0.5, std=0.5)
    assert_gives(connector, reference, side)


def test_a_class_token_left_among_the_patches_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"145 patches do not form a square.*class token"):
        CAbstractorConnector(connector_config("c-abstractor", 4, 4, 12, 6))(torch.zeros(1, 145, 4))
