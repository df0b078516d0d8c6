"""DeepSpeed's configuration and the schedule."""

from __future__ import annotations

import math

import pytest

from components.params.schema import Pretrain
from components.training.engine import cosine, deepspeed_config
from tests.model.tiny import params


def section(**changes: object) -> Pretrain:
    return Pretrain.model_validate(params().pretrain.model_dump() | changes)


@pytest.mark.parametrize(("workers", "micro_batch", "accumulated"), [(1, 16, 2), (2, 16, 1), (1, 4, 8), (2, 4, 4)])
def test_batch_is_the_same_for_any_number_of_workers(workers: int, micro_batch: int, accumulated: int) -> None:
    config = deepspeed_config(section(batch=32, micro_batch=micro_batch, workers=workers), workers)
    assert config["gradient_accumulation_steps"] == accumulated
    assert config["train_micro_batch_size_per_gpu"] == micro_batch
    assert micro_batch * accumulated * workers == config["train_batch_size"] == 32


def test_precision_stage_and_clipping_are_params() -> None:
    config = deepspeed_config(section(precision="bf16", zero_stage=2, clip=0.5), 2)
    assert config["bf16"] == {"enabled": True}
    assert config["zero_optimization"]["stage"] == 2
    assert config["gradient_clipping"] == 0.5
    assert deepspeed_config(section(precision="fp32"), 2)["bf16"] == {"enabled": False}


def test_rate_rises_then_falls_along_half_a_cosine() -> None:
    rates = [cosine(step, 100, 0.03) for step in range(100)]
    assert rates[:3] == pytest.approx([1 / 3, 2 / 3, 1])
    assert rates[3] == 1
    assert rates[3:] == sorted(rates[3:], reverse=True)
    assert rates[3 + 97 // 2] == pytest.approx(0.5, abs=0.02)
    assert rates[50] == pytest.approx(0.5 * (1 + math.cos(math.pi * 47 / 97)))
    assert 0 < rates[99] < 0.001
    assert cosine(100, 100, 0.03) == pytest.approx(0)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_short_runs_learn_at_each_step(steps: int) -> None:
    assert all(0 < cosine(step, steps, 0.03) <= 1 for step in range(steps))
