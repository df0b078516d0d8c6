"""LDPv2 against its definition written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from components.model.ldpv2 import Ldpv2Connector
from tests.model.parity import assert_gives
from tests.model.tiny import connector_config


def reference(connector: Ldpv2Connector, features: np.ndarray, tokens_per_side: int) -> np.ndarray:
    """LDPv2 for one image, value by value: linear, GELU, linear, mean of windows, 3 x 3 depthwise, plus itself."""
    weights = {name: value.detach().double().numpy() for name, value in connector.state_dict().items()}
    hidden = np.einsum("pi,oi->po", features, weights["mlp.0.weight"]) + weights["mlp.0.bias"]
    hidden = hidden * 0.5 * (1 + np.vectorize(math.erf)(hidden / math.sqrt(2)))
    states = np.einsum("pi,oi->po", hidden, weights["mlp.2.weight"]) + weights["mlp.2.bias"]
    side = math.isqrt(len(states))
    grid = states.reshape(side, side, -1)
    window = side // tokens_per_side
    pooled = np.zeros((tokens_per_side, tokens_per_side, grid.shape[2]))
    for row in range(tokens_per_side):
        for column in range(tokens_per_side):
            part = grid[row * window : (row + 1) * window, column * window : (column + 1) * window]
            pooled[row, column] = part.mean(axis=(0, 1))
    padded = np.pad(pooled, ((1, 1), (1, 1), (0, 0)))
    kernel = weights["position.weight"][:, 0]
    output = pooled + weights["position.bias"]
    for down in range(3):
        for right in range(3):
            shifted = padded[down : down + tokens_per_side, right : right + tokens_per_side]
            output += shifted * kernel[:, down, right]
    return output.reshape(tokens_per_side**2, -1)


@pytest.mark.parametrize(("side", "tokens_per_side"), [(24, 12), (12, 6), (6, 6)])
def test_is_ldpv2(side: int, tokens_per_side: int) -> None:
    torch.manual_seed(side)
    connector = Ldpv2Connector(connector_config("ldpv2", 20, 28, side, tokens_per_side))
    assert_gives(connector, reference, side)


def test_begins_as_pooled_linear_layers() -> None:
    connector = Ldpv2Connector(connector_config("ldpv2", 20, 28, 6, 3))
    connector.start()
    features = torch.randn(2, 36, 20)
    pooled = connector.mlp(features).reshape(2, 3, 2, 3, 2, 28).mean(dim=(2, 4)).reshape(2, 9, 28)
    assert torch.allclose(connector(features), pooled, atol=1e-6)
    assert 0.2 < float(connector.get_parameter("mlp.0.weight").detach().abs().max()) <= 20**-0.5


def test_a_class_token_left_among_the_patches_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"145 patches do not form a square.*class token"):
        Ldpv2Connector(connector_config("ldpv2", 4, 4, 12, 6))(torch.zeros(1, 145, 4))
