"""Formulas for memory against the tensors that PyTorch really holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch

from components.backbones.stand_in import image_encoder_config, language_model_config
from components.model.configuration import KoreanVlmConfig
from components.model.loading import load_model
from components.params.schema import Finetune, Pretrain
from components.planning.memory import States, Workload, activation_bytes, state_bytes
from components.training.engine import prepare
from components.training.trainable import add_lora, freeze_all_but_connector, optimizer_groups
from tests.model.tiny import params
from tests.training.test_flops import LABELLED, LENGTH, LORA, SAMPLES, batch

STAGES = pytest.mark.parametrize("stage", ["pretrain", "finetune"])
BYTES = {"fp32": 4, "bf16": 2}
WHOLE = Workload(LENGTH * SAMPLES, SAMPLES, 0)


def learner_of(start: Path, stage: str, precision: str) -> tuple[Any, Pretrain | Finetune]:
    """The model as the stage trains it, and the stage's parameters."""
    section = getattr(params(), stage).model_copy(update={"precision": precision})
    model, _ = load_model(start, dtype=torch.bfloat16 if precision == "bf16" else torch.float32)
    chosen = add_lora(model, section) if isinstance(section, Finetune) else freeze_all_but_connector(model)
    return prepare(chosen, section).train(), section


def held(tensors: Iterable[torch.Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors if tensor.dim())


def states_of(learner: torch.nn.Module, zero_stage: int, workers: int, size: int) -> States:
    # PEFT keeps the connector as it was beside the one that learns.
    weights = [p for name, p in learner.named_parameters() if "original_module" not in name]
    frozen, trained = (sum(p.numel() for p in weights if p.requires_grad == learns) for learns in (False, True))
    return state_bytes(frozen, trained, zero_stage, workers, size)


@STAGES
@pytest.mark.parametrize("precision", BYTES)
def test_states_are_those_of_a_real_step(start: Path, stage: str, precision: str) -> None:
    learner, section = learner_of(start, stage, precision)
    optimizer = torch.optim.AdamW(optimizer_groups(learner, section))
    learner(**batch(params().model.tokens.image.id), num_items_in_batch=1.0).backward()
    optimizer.step()
    weights = [p for name, p in learner.named_parameters() if "original_module" not in name]
    trained = [p for p in weights if p.requires_grad]
    states = states_of(learner, 0, 1, BYTES[precision])
    cast = sum(p.numel() * 2 for p in trained) if precision == "bf16" else 0
    assert states.weights - cast == held(weights)
    assert states.gradients == held(p.grad for p in trained if p.grad is not None)
    assert states.optimiser == held(value for state in optimizer.state.values() for value in state.values())


def test_zero_partitions_one_thing_more_a_stage() -> None:
    none, first, second, third = (state_bytes(1000, 100, stage, 4, 4) for stage in range(4))
    bucket = 400
    assert (none.weights, none.gradients, none.optimiser) == (4400, 400, 800)
    assert (first.weights, first.gradients, first.optimiser) == (4400, 400 + bucket, 1200 / 4)
    assert (second.weights, second.gradients, second.optimiser) == (4400, 400 / 4 + bucket, 1200 / 4)
    assert (third.weights, third.gradients, third.optimiser) == (4400 / 4, 400 / 4 + bucket, 1200 / 4)


def kept_for_backward(learner: torch.nn.Module, config: KoreanVlmConfig) -> int:
    """Bytes that PyTorch keeps between forward and backward, without weights, their copies and log-probabilities."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = learner(**batch(params().model.tokens.image.id), num_items_in_batch=1.0)
    assert loss.requires_grad
    weights = {parameter.untyped_storage().data_ptr() for parameter in learner.parameters()}
    cast = sum(2 * p.numel() for p in learner.parameters() if p.requires_grad and p.dim() > 1)
    known = LABELLED * SAMPLES * 4 * config.text_config.vocab_size
    known += cast if torch.bfloat16 in {p.dtype for p in learner.parameters()} else 0
    return sum(count for storage, count in kept.items() if storage not in weights) - known


@STAGES
@pytest.mark.parametrize("precision", BYTES)
def test_activations_are_those_that_pytorch_keeps(start: Path, stage: str, precision: str) -> None:
    learner, section = learner_of(start, stage, precision)
    config = learner.model.config
    lora = section.lora if isinstance(section, Finetune) else None
    estimate = activation_bytes(config, lora, WHOLE, BYTES[precision], recompute=False)
    assert estimate == pytest.approx(kept_for_backward(learner, config), rel=0.01)


@STAGES
def test_recomputed_layers_keep_their_input_alone(start: Path, stage: str) -> None:
    learner, section = learner_of(start, stage, "bf16")
    config, text = learner.model.config, learner.model.config.text_config
    lora = section.lora if isinstance(section, Finetune) else None
    kept, recomputed = (activation_bytes(config, lora, WHOLE, 2, again) for again in (False, True))
    inputs = text.num_hidden_layers * WHOLE.tokens * 2 * text.hidden_size
    layer = (kept - recomputed + inputs) / (text.num_hidden_layers - 1)
    reader: Any = next(module for name, module in learner.named_modules() if name.endswith("language_model"))
    reader.activation_checkpointing_enable({"use_reentrant": False})
    # Copies of LoRA's weights are made anew in the backward pass.
    cast = sum(2 * p.numel() for name, p in learner.named_parameters() if "lora_" in name)
    assert recomputed - layer == pytest.approx(kept_for_backward(learner, config) + cast, rel=0.03)


def test_dropout_gives_each_layer_an_input_of_its_own() -> None:
    config = KoreanVlmConfig(vision_config=image_encoder_config(), text_config=language_model_config())
    one = Workload(1, 0, 0)
    with_dropout, without = (
        activation_bytes(config, LORA.model_copy(update={"dropout": dropout}), one, 4, recompute=False)
        for dropout in (0.05, 0.0)
    )
    # In fp32 five bytes for each of seven inputs, against four for those of attention, MLP and down_proj.
    assert with_dropout - without == 24 * (5 * (5 * 1024 + 2048 + 4096) - 4 * (2 * 1024 + 4096))


def test_logits_and_images_count_where_they_are_most() -> None:
    config = KoreanVlmConfig(vision_config=image_encoder_config(), text_config=language_model_config())
    alone, labelled = (activation_bytes(config, None, Workload(200, 1, n), 2, recompute=True) for n in (0, 50))
    assert labelled - alone == 50 * 3 * 4 * 110_592
    images = activation_bytes(config, None, Workload(1, 100, 0), 2, recompute=True)
    assert images == 100 * 577 * (2 * 4 * 1024 + 3 * 2 * 4096)
