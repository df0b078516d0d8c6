"""The vision-language model: LLaVA's arrangement with another connector, and a loss that is cheap in memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModel, LlavaForConditionalGeneration, LlavaModel
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.llava.modeling_llava import (
    LlavaCausalLMOutputWithPast,
    LlavaModelOutputWithPast,
    LlavaPreTrainedModel,
)

from .configuration import KoreanVlmConfig
from .connectors import connector_class

IGNORED = -100


class KoreanVlmModel(LlavaModel):
    """Image encoder, connector and language model without its head."""

    config_class = KoreanVlmConfig

    def __init__(self, config: KoreanVlmConfig) -> None:
        LlavaPreTrainedModel.__init__(self, config)
        self.vision_tower = AutoModel.from_config(config.vision_config)
        self.multi_modal_projector = connector_class(config)(config)
        self.language_model = AutoModel.from_config(config.text_config)
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        inputs_embeds: torch.Tensor | None = None,
        **kwargs: Any,
    ) -> LlavaModelOutputWithPast:
        """As LLaVA's; in training, the encoder and the connector take part in batches without images, too.

        Otherwise a worker would have nothing to exchange where another exchanges parameters (ZeRO 3) or gradients:
        they would hang, or add up gradients of different weights (ZeRO 2). A blank image stands in, in the place where
        images are always encoded, and adds nothing.
        """
        if not self.training or pixel_values is not None or input_ids is None:
            return super().forward(input_ids, pixel_values, inputs_embeds=inputs_embeds, **kwargs)
        embeds = self.get_input_embeddings()(input_ids)
        side = self.config.vision_config.image_size
        blank = self.get_image_features(torch.zeros(1, 3, side, side, device=input_ids.device)).pooler_output
        return super().forward(inputs_embeds=embeds + 0 * torch.stack(blank).sum(), **kwargs)

    def get_image_features(self, pixel_values: torch.Tensor, **kwargs: Any) -> BaseModelOutputWithPooling:
        """Images (n, 3, height, width) to a list of n tensors (tokens, text width), as ``pooler_output``."""
        output = BaseModelOutputWithPooling()
        output.pooler_output = list(self.image_tokens(pixel_values))
        return output

    def image_tokens(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Images (n, 3, height, width) to what the language model reads of them, (n, tokens, text width).

        What ``patch_features`` gives is taken instead of images, too, where they have been encoded already.
        """
        is_encoded = pixel_values.dim() == 3
        return self.multi_modal_projector(pixel_values if is_encoded else self.patch_features(pixel_values))

    def patch_features(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Images (n, 3, height, width) to what the connector reads of them, (n, patches, vision width).

        The encoder's layers behind the one that is read are not computed.
        """
        tower, first_patch = self.vision_tower, 1 if self.config.use_cls else 0
        # In its own precision: autocast would widen each layer norm of an encoder that is kept in bf16.
        with torch.autocast(pixel_values.device.type, enabled=False):
            embedded = tower.embeddings(pixel_values.to(tower.dtype))
            states = tower.pre_layrnorm(embedded if self.config.use_cls else embedded[:, 1:])
            layers = tower.encoder.layers
            for layer in layers[: len(layers) + 1 + self.config.vision_feature_layer]:
                states = layer(states, None)
        return states[:, first_patch:]


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
        position_ids: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        mm_encoder_outputs: dict[str, BaseModelOutputWithPooling] | None = None,
        num_items_in_batch: torch.Tensor | float | None = None,
        **kwargs: Any,
    ) -> LlavaCausalLMOutputWithPast:
        """As LLaVA's; with ``labels`` (batch, length), only the loss, and no logits where nothing is to be learnt.

        The loss is the sum over labelled tokens divided by ``num_items_in_batch``, or else their mean.
        """
        # ``generate`` looks for the parameters that are named here: only then does it count positions from the first
        # token behind padding, encode images once and before all else, and ask for the last token's logits alone.
        inputs = {
            "input_ids": input_ids,
            "pixel_values": pixel_values,
            "attention_mask": attention_mask,
            "position_ids": position_ids,
            "mm_encoder_outputs": mm_encoder_outputs,
            **kwargs,
        }
        if labels is None:
            return super().forward(**inputs, logits_to_keep=logits_to_keep)
        hidden = self.model(**inputs, use_cache=False).last_hidden_state
        wanted = labels[:, 1:] != IGNORED
        logits = self.lm_head(hidden[:, :-1][wanted]).float()
        total = functional.cross_entropy(logits, labels[:, 1:][wanted], reduction="sum")
        return LlavaCausalLMOutputWithPast(loss=total / (num_items_in_batch or wanted.sum().clamp(min=1)))
