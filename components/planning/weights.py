"""How many weights a model will have, from its backbones' configurations alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoConfig, CLIPVisionConfig

from components.model.assembling import join_configs, require_backbones
from components.model.configuration import KoreanVlmConfig
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.params.schema import Finetune, Model, Pretrain
from components.training.trainable import CONNECTOR, add_lora


@dataclass(frozen=True)
class Weights:
    """How many weights the parts of the model have. The connector and LoRA are what is trained."""

    image_encoder: int
    connector: int
    language_model: int
    lora: int

    @property
    def total(self) -> int:
        """Of all parts."""
        return self.image_encoder + self.connector + self.language_model + self.lora

    @property
    def trained(self) -> int:
        """Of what learns."""
        return self.connector + self.lora


def read_config(backbones: Path, params: Model) -> KoreanVlmConfig:
    """The configuration of the model that the backbones will be joined to.

    Raises:
        NoBackbones: if there are none.
        UnfitConnector: if the connector cannot give ``image_tokens_per_side``.
    """
    require_backbones(backbones)
    image_encoder = CLIPVisionConfig.from_pretrained(backbones / "image_encoder")
    language_model = AutoConfig.from_pretrained(backbones / "language_model")
    return join_configs(image_encoder, language_model, params)


def count_weights(config: KoreanVlmConfig, training: Pretrain | Finetune) -> Weights:
    """Of the model as the stage trains it, built without memory for its weights."""
    with torch.device("meta"):
        model = KoreanVlmForConditionalGeneration(config)
        learner = add_lora(model, training) if isinstance(training, Finetune) else model
    parts = {"vision_tower": 0, CONNECTOR: 0, "lora_": 0, "": 0}
    for name, parameter in learner.named_parameters():
        # PEFT keeps the connector as it was beside the one that learns.
        if "original_module" not in name:
            parts[next(part for part in parts if part in name)] += parameter.numel()
    return Weights(parts["vision_tower"], parts[CONNECTOR], parts[""], parts["lora_"])
