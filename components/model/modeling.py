"""The vision-language model: LLaVA's arrangement with another connector, and a loss that is cheap in memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModel, LlavaForConditionalGeneration, LlavaModel
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.llava.modeling_llava import LlavaCausalLMOutputWithPast, LlavaPreTrainedModel

from components.model.configuration import KoreanVlmConfig
from components.model.connector import Ldpv2Connector

IGNORED = -100


class KoreanVlmModel(LlavaModel):
    """Image encoder, connector and language model without its head."""

    config_class = KoreanVlmConfig

    def __init__(self, config: KoreanVlmConfig) -> None:
        LlavaPreTrainedModel.__init__(self, config)
        self.vision_tower = AutoModel.from_config(config.vision_config)
        self.multi_modal_projector = Ldpv2Connector(
            config.vision_config.hidden_size, config.text_config.hidden_size, config.image_tokens_per_side
        )
        self.language_model = AutoModel.from_config(config.text_config)
        self.post_init()

    def get_image_features(self, pixel_values: torch.Tensor, **kwargs: Any) -> BaseModelOutputWithPooling:
        """Images (n, 3, height, width) to a list of n tensors (tokens, text width), as ``pooler_output``.

        The encoder's layers behind the one that is read are not computed.
        """
        tower = self.vision_tower
        states = tower.pre_layrnorm(tower.embeddings(pixel_values.to(tower.dtype)))
        layers = tower.encoder.layers
        for layer in layers[: len(layers) + 1 + self.config.vision_feature_layer]:
            states = layer(states, None)
        features = self.multi_modal_projector(states[:, 1:])
        output = BaseModelOutputWithPooling(last_hidden_state=states)
        output.pooler_output = list(features)
        return output


class KoreanVlmForConditionalGeneration(LlavaForConditionalGeneration):
    """The model with its head: ``from_pretrained``, ``generate`` and the image-text-to-text pipeline work on it."""

    config_class = KoreanVlmConfig

    def __init__(self, config: KoreanVlmConfig) -> None:
        LlavaPreTrainedModel.__init__(self, config)
        self.model = KoreanVlmModel(config)
        self.lm_head = nn.Linear(config.text_config.hidden_size, config.text_config.vocab_size, bias=False)
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        num_items_in_batch: torch.Tensor | float | None = None,
        **kwargs: Any,
    ) -> LlavaCausalLMOutputWithPast:
        """As LLaVA's; with ``labels`` (batch, length), only the loss, and no logits where nothing is to be learnt.

        The loss is the sum over labelled tokens divided by ``num_items_in_batch``, or else their mean.
        """
        inputs = {"input_ids": input_ids, "pixel_values": pixel_values, "attention_mask": attention_mask, **kwargs}
        if labels is None:
            return super().forward(**inputs)
        hidden = self.model(**inputs, use_cache=False).last_hidden_state
        if pixel_values is None and self.training:
            hidden = hidden + 0 * self._blank_features(hidden.device).sum()
        wanted = labels[:, 1:] != IGNORED
        logits = self.lm_head(hidden[:, :-1][wanted]).float()
        total = functional.cross_entropy(logits, labels[:, 1:][wanted], reduction="sum")
        return LlavaCausalLMOutputWithPast(loss=total / (num_items_in_batch or wanted.sum().clamp(min=1)))

    def _blank_features(self, device: torch.device) -> torch.Tensor:
        """Features of a blank image: in a batch without images the connector takes part all the same.

        Otherwise one worker would have no gradient to exchange where another has one, and both would hang or crash.
        """
        side = self.config.vision_config.image_size
        return torch.stack(self.model.get_image_features(torch.zeros(1, 3, side, side, device=device)).pooler_output)
