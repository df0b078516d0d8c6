"""The model's three parts as OpenVINO models: image encoder with connector, embedding table, language model."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence

import openvino as ov
import torch
from openvino import opset15 as ops
from torch import nn
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from components.model.modeling import KoreanVlmForConditionalGeneration


class _ImageEncoder(nn.Module):
    """Pixels (images, 3, height, width) to image tokens (images, tokens, width)."""

    def __init__(self, model: KoreanVlmForConditionalGeneration) -> None:
        super().__init__()
        self.model = model.model

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        return self.model.image_tokens(pixel_values)


class _LanguageModel(nn.Module):
    """Embeddings and past keys and values to logits and present keys and values."""

    def __init__(self, model: KoreanVlmForConditionalGeneration) -> None:
        super().__init__()
        self.language_model, self.head = model.model.language_model, model.lm_head

    def forward(
        self, inputs_embeds: torch.Tensor, attention_mask: torch.Tensor, position_ids: torch.Tensor, *past: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        output = self.language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=_cache(past),
            use_cache=True,
        )
        present = [tensor for layer in output.past_key_values.layers for tensor in (layer.keys, layer.values)]
        return (self.head(output.last_hidden_state), *present)


def convert_image_encoder(model: KoreanVlmForConditionalGeneration) -> ov.Model:
    """Input ``pixel_values``, output ``last_hidden_state``."""
    side = model.config.vision_config.image_size
    converted = _convert(_ImageEncoder(model), (torch.zeros(1, 3, side, side),))
    converted.inputs[0].set_names({"pixel_values"})
    converted.outputs[0].set_names({"last_hidden_state"})
    return converted


def convert_embeddings(model: KoreanVlmForConditionalGeneration) -> ov.Model:
    """Input ``input``: ids (batch, length); output ``inputs_embeds`` (batch, length, width)."""
    converted = _convert(model.get_input_embeddings(), (torch.zeros(1, 2, dtype=torch.long),))
    converted.inputs[0].set_names({"input"})
    converted.outputs[0].set_names({"inputs_embeds"})
    return converted


def convert_language_model(model: KoreanVlmForConditionalGeneration) -> ov.Model:
    """A stateful model: keys and values stay inside, and are reset before each prompt.

    Inputs ``inputs_embeds``, ``attention_mask``, ``position_ids``, ``beam_idx``; output ``logits``.
    """
    config = model.config.text_config
    width, batch, length, past = config.hidden_size, 2, 3, 4
    layers = [torch.zeros(batch, config.num_key_value_heads, past, config.head_dim)] * (2 * config.num_hidden_layers)
    mask = torch.ones(batch, past + length, dtype=torch.long)
    positions = torch.arange(past, past + length)[None].expand(batch, length)
    converted = _convert(_LanguageModel(model), (torch.zeros(batch, length, width), mask, positions, *layers))
    names = [f"{i}.{part}" for i in range(config.num_hidden_layers) for part in ("key", "value")]
    inputs = ["inputs_embeds", "attention_mask", "position_ids", *(f"past_key_values.{name}" for name in names)]
    outputs = ["logits", *(f"present.{name}" for name in names)]
    for port, name in zip([*converted.inputs, *converted.outputs], [*inputs, *outputs], strict=True):
        port.get_tensor().set_names({name})
    return _make_stateful(converted, names, config.num_key_value_heads, config.head_dim)


def _make_stateful(model: ov.Model, names: Sequence[str], heads: int, width: int) -> ov.Model:
    """Past keys and values become state, reordered by ``beam_idx`` as beam search wants; batch is dynamic."""
    beams = ops.parameter([-1], dtype=ov.Type.i32, name="beam_idx")
    beams.output(0).get_tensor().add_names({"beam_idx"})
    model.add_parameters([beams])
    for name in names:
        port = model.input(f"past_key_values.{name}")
        port.get_node().set_partial_shape(ov.PartialShape([-1, heads, -1, width]))
        reordered = ops.gather(port, beams, ops.constant(0))
        for consumer in port.get_target_inputs():
            if consumer.get_node() is not reordered:
                consumer.replace_source_output(reordered.output(0))
    model.validate_nodes_and_infer_types()
    ov._offline_transformations.apply_make_stateful_transformation(
        model, {f"past_key_values.{name}": f"present.{name}" for name in names}
    )
    _start_empty(model, heads, width)
    return model


def _start_empty(model: ov.Model, heads: int, width: int) -> None:
    """A state that was reset has the batch of the prompt and no positions."""
    batch = ops.gather(
        ops.shape_of(model.input("inputs_embeds"), output_type="i64"), ops.constant([0]), ops.constant(0)
    )
    for node in model.get_ops():
        if node.get_type_name() == "ReadValue":
            shape = ops.concat([batch, ops.constant([heads]), ops.constant([0]), ops.constant([width])], axis=0)
            node.set_arguments([ops.broadcast(ops.constant(0.0, dtype=ov.Type.f32), shape).output(0)])
    model.validate_nodes_and_infer_types()


def _cache(past: Sequence[torch.Tensor]) -> DynamicCache:
    cache = DynamicCache()
    for keys, values in zip(past[::2], past[1::2], strict=True):
        layer = DynamicLayer()
        layer.keys, layer.values = keys, values
        layer.dtype, layer.device = keys.dtype, keys.device
        layer.is_initialized = True
        cache.layers.append(layer)
    return cache


@torch.no_grad()
def _convert(module: nn.Module, example: tuple[torch.Tensor, ...]) -> ov.Model:
    with warnings.catch_warnings():
        # Tracing warns of each Python branch; which of them matter is what the comparison with the original tells.
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        # It reads every attribute, also the loss that a model without labels has none of, which would be told.
        logging.getLogger("transformers.modeling_utils").setLevel(logging.ERROR)
        return ov.convert_model(module.eval().float(), example_input=example)
