"""A connector held against a reference that is written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from components.model.connector import Connector

Reference = Callable[[Any, np.ndarray, int], np.ndarray]
"""Takes a connector, one image's features (patches, vision width) and tokens a side; gives (tokens, text width)."""


def assert_gives(connector: Connector, reference: Reference, patches_per_side: int) -> None:
    """The connector's tokens of two images of random features are the reference's, to 1e-5."""
    features = torch.randn(2, patches_per_side**2, connector.vision_width)
    with torch.no_grad():
        output = connector(features)
    assert output.shape == (2, connector.tokens_per_side**2, connector.text_width)
    for image in range(2):
        expected = reference(connector, features[image].double().numpy(), connector.tokens_per_side)
        assert np.abs(output[image].numpy() - expected).max() < 1e-5
