"""Which weights learn: the connector, and LoRA where a stage has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from components.model.modeling import KoreanVlmForConditionalGeneration
from components.params.schema import Finetune, Training

if TYPE_CHECKING:
    from peft import PeftModel

CONNECTOR = "multi_modal_projector"


def freeze_all_but_connector(model: KoreanVlmForConditionalGeneration) -> KoreanVlmForConditionalGeneration:
    """Stage 1: only the connector learns."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(CONNECTOR in name)
    return model


def add_lora(model: KoreanVlmForConditionalGeneration, params: Finetune) -> PeftModel:
    """Stage 2: LoRA on the language model's linear layers learns, and the connector, which PEFT saves with it."""
    # Imported here, after libraries were told to be quiet: PEFT brings bitsandbytes, which talks when it is imported.
    from peft import LoraConfig, PeftModel, get_peft_model

    names = "|".join(params.lora.targets)
    config = LoraConfig(
        r=params.lora.rank,
        lora_alpha=params.lora.alpha,
        lora_dropout=params.lora.dropout,
        # The image encoder has linear layers of the same names: they stay as they are.
        target_modules=rf".*language_model.*\.({names})",
        modules_to_save=[CONNECTOR],
        task_type="CAUSAL_LM",
    )
    peft_model = get_peft_model(model, config)
    assert isinstance(peft_model, PeftModel)
    return peft_model


def trainable_names(model: torch.nn.Module) -> list[str]:
    """Names of the weights that learn, in order."""
    return [name for name, parameter in model.named_parameters() if parameter.requires_grad]


def optimizer_groups(model: torch.nn.Module, params: Training) -> list[dict[str, object]]:
    """One group for the connector and one for LoRA, each with its own learning rate."""
    connector = [p for n, p in model.named_parameters() if p.requires_grad and CONNECTOR in n]
    lora = [p for n, p in model.named_parameters() if p.requires_grad and CONNECTOR not in n]
    groups: list[dict[str, object]] = [{"params": connector, "lr": params.learning_rate.connector}]
    if lora:
        groups.append({"params": lora, "lr": params.learning_rate.lora})
    return groups


def load_weights(model: torch.nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Put learnt weights in place.

    Raises:
        ValueError: if a weight has no place in the model: they are of another run.
    """
    unknown = model.load_state_dict(weights, strict=False).unexpected_keys
    if unknown:
        raise ValueError(f"learnt weights of another model: {', '.join(unknown[:3])} have no place in this one")
