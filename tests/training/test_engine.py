"""DeepSpeed's configuration and the schedule."""

from __future__ import annotations

import math

import pytest

from components.params.schema import Pretrain
from components.training.engine import cosine, deepspeed_config
from tests.model.tiny import params


def section(**changes: object) -> Pretrain:
    return Pretrain.model_validate(params().pretrain.model_dump() | changes)


def test_accumulation_is_ours_and_zero_and_clipping_are_params() -> None:
    config = deepspeed_config(section(batch=32, micro_batch=4, workers=2, zero_stage=2, clip=0.5), 1000)
    assert config["train_batch_size"] == config["train_micro_batch_size_per_gpu"] * 2
    assert config["managed_gradient_accumulation"] is False
    assert config["zero_optimization"]["stage"] == 2
    assert config["zero_optimization"]["reduce_bucket_size"] == 1000
    assert config["gradient_clipping"] == 0.5


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
