"""How much a training step computes: model FLOPs, as the plan and the measured utilisation (MFU) count them.

A multiplication with its addition is two FLOPs. Only matrix products and convolutions are counted, and only what the
gradients need (arXiv:2204.02311, appendix B): recomputing activations, padding and normalisation are not. A linear
layer of w weights costs 2 w a token forwards, 2 w for the gradient of its input and 2 w for that of its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from components.model.configuration import KoreanVlmConfig
from components.model.connectors import connector_class
from components.params.schema import Lora
from components.training.shapes import linear_layers

_FORWARD, _INPUT_GRADIENT, _WEIGHT_GRADIENT = 2, 2, 2
_TRAINED = _FORWARD + _INPUT_GRADIENT + _WEIGHT_GRADIENT
_FROZEN = _FORWARD + _INPUT_GRADIENT


@dataclass(frozen=True)
class Flops:
    """Model FLOPs of the parts of a model."""

    image_encoder: float
    connector: float
    language_model: float
    lora: float
    attention: float
    head: float

    @property
    def total(self) -> float:
        """Of all parts."""
        return sum(astuple(self))

    def times(self, factor: float) -> Flops:
        """So many times as much."""
        return Flops(*(factor * part for part in astuple(self)))


@dataclass(frozen=True)
class FlopRates:
    """Model FLOPs of training for one unit of what each part reads.

    ``image_encoder`` and ``connector`` for an image, ``language_model`` (its linear layers) and ``lora`` for a token,
    ``attention`` for a pair of tokens one of which sees the other, ``head`` for a labelled token.
    """

    image_encoder: float
    connector: float
    language_model: float
    lora: float
    attention: float
    head: float

    def of(self, lengths: Sequence[int] | np.ndarray, images: int, labelled: int) -> Flops:
        """Of samples of ``lengths`` tokens (image tokens included) with ``images`` images and ``labelled`` tokens.

        A token sees itself and those before it in its own sample, however samples are packed: a sample of n tokens
        has n (n + 1) / 2 pairs.
        """
        each = np.asarray(lengths, dtype=np.float64)
        tokens, pairs = float(each.sum()), float((each * (each + 1) / 2).sum())
        return Flops(
            self.image_encoder * images,
            self.connector * images,
            self.language_model * tokens,
            self.lora * tokens,
            self.attention * pairs,
            self.head * labelled,
        )


def flop_rates(config: KoreanVlmConfig, lora: Lora | None) -> FlopRates:
    """Of a model whose connector learns, and LoRA where there is one; all other weights have no gradient.

    The image encoder takes no part in the backward pass. The language model does, to reach the connector.
    """
    text = config.text_config
    layers = linear_layers(text)
    frozen = sum(into * out for into, out in layers.values())
    adapted = sum(lora.rank * sum(layers[name]) for name in lora.targets) if lora else 0
    # Forwards there are two products, of queries and keys and of weights and values; backwards two for each of them.
    attention = 3 * 2 * _FORWARD * text.num_attention_heads * text.head_dim
    return FlopRates(
        image_encoder=_image_encoder(config),
        connector=_connector(config),
        language_model=text.num_hidden_layers * _FROZEN * frozen,
        lora=text.num_hidden_layers * _TRAINED * adapted,
        attention=text.num_hidden_layers * attention,
        head=_FROZEN * text.hidden_size * text.vocab_size,
    )


def _image_encoder(config: KoreanVlmConfig) -> int:
    """For one image, as far as the layer that the connector reads: every patch sees every other, and the class."""
    vision = config.vision_config
    width, patches = vision.hidden_size, config.patches_per_side**2
    positions, layers = patches + config.use_cls, vision.num_hidden_layers + 1 + config.vision_feature_layer
    embedding = patches * vision.num_channels * vision.patch_size**2 * width
    linear = positions * (4 * width**2 + 2 * width * vision.intermediate_size)
    attention = 2 * positions**2 * width
    return _FORWARD * (embedding + layers * (linear + attention))


def _connector(config: KoreanVlmConfig) -> int:
    """For one image, counted while it runs, without computing anything: so it is right for every kind."""
    with torch.device("meta"):
        connector = connector_class(config)(config)
        features = torch.zeros(1, config.patches_per_side**2, config.vision_config.hidden_size)
    with FlopCounterMode(display=False) as counter:
        connector(features).sum().backward()
    return counter.get_total_flops()
