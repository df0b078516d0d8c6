"""How much memory a GPU needs for a training step: an estimate, from the shapes alone.

Weights, gradients and the optimiser's state follow ZeRO (arXiv:1910.02054, section 3). Activations are what PyTorch
keeps for the backward pass: with frozen weights a linear layer keeps nothing, since the gradient of its input needs
only the weights; attention runs in a kernel that never holds the matrix of scores (arXiv:2205.14135).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers import LlamaConfig

from components.model.configuration import KoreanVlmConfig
from components.model.connectors import connector_class
from components.params.schema import Lora
from components.training.shapes import linear_layers

_FP32 = 4
_MOMENTS = 2
"""AdamW's means of the gradient and of its square."""
_LOGIT_COPIES = 3
"""In fp32 at once, when the backward pass begins: log-probabilities, their gradient, and that of the logits."""


@dataclass(frozen=True)
class States:
    """Bytes on each GPU, however much it computes at once."""

    weights: float
    gradients: float
    optimiser: float

    @property
    def total(self) -> float:
        """Of all three."""
        return self.weights + self.gradients + self.optimiser


def state_bytes(frozen: int, trained: int, zero_stage: int, workers: int, size: int) -> States:
    """What each of ``workers`` GPUs holds of ``frozen`` weights of ``size`` bytes and ``trained`` ones in fp32.

    Below fp32 autocast adds a copy of the trained weights in ``size`` bytes. ZeRO partitions the optimiser's state
    (stage 1), the gradients too (stage 2), and the weights (stage 3). Frozen weights have neither gradients nor
    optimiser states. With ZeRO the optimiser works on a copy of its part of the weights, and DeepSpeed averages
    gradients in a bucket that has room for all of them, in fp32; it counts among the gradients. The weights that stage
    3 gathers for a while are not counted.
    """
    weights, gradients, optimiser = (workers if zero_stage >= stage else 1 for stage in (3, 2, 1))
    copies = _MOMENTS + (1 if zero_stage else 0)
    cast = trained * size if size < _FP32 else 0
    bucket = trained * _FP32 if zero_stage else 0
    return States(
        weights=(frozen * size + trained * _FP32) / weights + cast,
        gradients=trained * _FP32 / gradients + bucket,
        optimiser=trained * copies * _FP32 / optimiser,
    )


@dataclass(frozen=True)
class Workload:
    """What a GPU computes at once: tokens (image tokens and padding included), images, labelled tokens."""

    tokens: float
    images: float
    labelled: float


def activation_bytes(config: KoreanVlmConfig, lora: Lora | None, work: Workload, size: int, recompute: bool) -> float:
    """Most memory that activations take at once, for values of ``size`` bytes.

    With ``recompute`` (gradient checkpointing, which is on the language model alone) each layer keeps its input, and
    one layer at a time has all. The image encoder runs before the language model and keeps nothing, so that only one
    of them counts; logits exist for labelled tokens alone.
    """
    text = config.text_config
    layer = _layer_bytes(config, lora, size)
    layers = text.num_hidden_layers * size * text.hidden_size + layer if recompute else text.num_hidden_layers * layer
    reading = work.tokens * (layers + _norm_bytes(text))
    head = work.labelled * _LOGIT_COPIES * _FP32 * text.vocab_size
    seeing = work.images * _image_encoder_bytes(config, size)
    return max(seeing, work.images * _connector_bytes(config, size) + reading + head)


def _norm_bytes(text: LlamaConfig) -> int:
    """What a norm keeps for a token: its input and the scale of it, in fp32."""
    return _FP32 * (text.hidden_size + 1)


def _layer_bytes(config: KoreanVlmConfig, lora: Lora | None, size: int) -> float:
    """What a layer of the language model keeps for a token: of two norms; queries, keys, values, attention's output
    and its log-sum for each head; the gate before and after its activation, and what it lets through."""
    text = config.text_config
    layers = linear_layers(text)
    norms = 2 * _norm_bytes(text)
    attention = size * sum(2 * layers[name][1] for name in ("q_proj", "k_proj")) + _FP32 * text.num_attention_heads
    gate = size * 3 * text.intermediate_size
    return norms + attention + gate + (_lora_bytes(layers, lora, size) if lora else 0)


def _lora_bytes(layers: dict[str, tuple[int, int]], lora: Lora, size: int) -> float:
    """What LoRA adds for a token: inputs of its two factors. In fp32 layers that read the same thing share it, and
    o_proj's is kept already. Below fp32 each first factor has a copy of its own, since PEFT and autocast cast it; so
    it does with dropout, which adds a mask of a byte a value."""
    between = size * lora.rank * len(lora.targets)
    if lora.dropout or size < _FP32:
        return between + (size + (1 if lora.dropout else 0)) * sum(layers[name][0] for name in lora.targets)
    shared = ({"q_proj", "k_proj", "v_proj"}, {"gate_proj", "up_proj"}, {"down_proj"})
    return between + size * sum(layers[min(group)][0] for group in shared if group & set(lora.targets))


def _image_encoder_bytes(config: KoreanVlmConfig, size: int) -> float:
    """The most that one image's way through a layer holds: what the layer was given and that normed, in fp32 as norms
    give it, and in the MLP three values for each hidden one (quick GELU: x, its sigmoid and their product)."""
    vision = config.vision_config
    each = 2 * _FP32 * vision.hidden_size + 3 * size * vision.intermediate_size
    return (config.patches_per_side**2 + config.use_cls) * each


def _connector_bytes(config: KoreanVlmConfig, size: int) -> int:
    """What the connector keeps for one image, asked of PyTorch while it runs without computing anything."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage._cdata] = storage.nbytes()
        return tensor

    with torch.device("meta"):
        connector = connector_class(config)(config)
        features = torch.zeros(1, config.patches_per_side**2, config.vision_config.hidden_size)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        connector(features)
    own = {parameter.untyped_storage()._cdata for parameter in connector.parameters()}
    return sum(count for storage, count in kept.items() if storage not in own) // _FP32 * size
