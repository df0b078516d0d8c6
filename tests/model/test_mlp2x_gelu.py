"""LLaVA-1.5's connector against its definition written out."""

from __future__ import annotations

import math

import numpy as np
import torch

from components.model.mlp2x_gelu import Mlp2xGeluConnector
from tests.model.tiny import connector_config


def test_is_two_linear_layers_with_a_gelu_for_each_patch() -> None:
    torch.manual_seed(5)
    connector = Mlp2xGeluConnector(connector_config("mlp2x_gelu", 20, 28, 12, 12))
    features = torch.randn(2, 144, 20)
    with torch.no_grad():
        output = connector(features).numpy()
    weights = {name: value.detach().double().numpy() for name, value in connector.named_parameters()}
    hidden = features.double().numpy() @ weights["mlp.0.weight"].T + weights["mlp.0.bias"]
    hidden = hidden * 0.5 * (1 + np.vectorize(math.erf)(hidden / math.sqrt(2)))
    expected = hidden @ weights["mlp.2.weight"].T + weights["mlp.2.bias"]
    assert output.shape == (2, 144, 28)
    assert np.abs(output - expected).max() < 1e-5
