"""What a run has learnt so far, whole and by name: the same for any number of workers and any ZeRO stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from components.training.engine import Engine

State = dict[str, torch.Tensor]
"""``<name>`` a weight, ``<name>#exp_avg`` and ``<name>#exp_avg_sq`` Adam's moments of it, all fp32."""
_MOMENTS = ("exp_avg", "exp_avg_sq")


def begin(engine: Engine, done: int) -> None:
    """Give the optimiser its moments (all zero) and its number of steps, before the first step of this process.

    Otherwise they would come to be with the first step, and DeepSpeed 0.19 would note those of the first group of
    parameters only.
    """
    for part in _held_parts(engine):
        engine.optimizer.state[part] = {
            "step": torch.tensor(float(done)),
            **{moment: torch.zeros_like(part) for moment in _MOMENTS},
        }
    link = getattr(engine.deepspeed.optimizer, "_lazy_init_hp_params_optimizer_state", None)
    if link is not None:
        link()


def gather(engine: Engine) -> State:
    """All that learns and its moments, on the CPU. Every worker has to call this, and gets the same."""
    from deepspeed.utils import safe_get_full_fp32_param, safe_get_full_optimizer_state

    state: State = {}
    for name, weight in _learnt(engine):
        if _is_partitioned(weight):
            parts = [safe_get_full_fp32_param(weight)]
            parts += [safe_get_full_optimizer_state(weight, moment) for moment in _MOMENTS]
        else:
            parts = [weight.detach(), *(engine.optimizer.state[weight][moment] for moment in _MOMENTS)]
        names = [name, *(f"{name}#{moment}" for moment in _MOMENTS)]
        state |= {key: part.cpu().clone() for key, part in zip(names, parts, strict=True)}
    return state


def restore(engine: Engine, state: State, done: int) -> None:
    """Go on from a state after ``done`` steps. The weights must be in the model before the engine is built."""
    from deepspeed.utils import safe_set_full_fp32_param, safe_set_full_optimizer_state

    begin(engine, done)
    for name, weight in _learnt(engine):
        moments = {moment: state[f"{name}#{moment}"].to(engine.device) for moment in _MOMENTS}
        if _is_partitioned(weight):
            safe_set_full_fp32_param(weight, state[name].to(engine.device))
            for moment, value in moments.items():
                safe_set_full_optimizer_state(weight, value, moment)
        else:
            for moment, value in moments.items():
                engine.optimizer.state[weight][moment].copy_(value)
    _set_schedule(engine, done)


def _set_schedule(engine: Engine, done: int) -> None:
    schedule = engine.schedule
    schedule.last_epoch = done
    rates = [base * factor(done) for base, factor in zip(schedule.base_lrs, schedule.lr_lambdas, strict=True)]
    for group, rate in zip(engine.optimizer.param_groups, rates, strict=True):
        group["lr"] = rate
    schedule._last_lr = rates


def _learnt(engine: Engine) -> Iterator[tuple[str, torch.nn.Parameter]]:
    return ((name, p) for name, p in engine.deepspeed.module.named_parameters() if p.requires_grad)


def _held_parts(engine: Engine) -> list[Any]:
    """What the optimiser steps: under ZeRO, this worker's flat parts. Stage 3 shows them one at a time."""
    parts = getattr(engine.deepspeed.optimizer, "fp32_partitioned_groups_flat", None)
    return parts or [part for group in engine.optimizer.param_groups for part in group["params"]]


def _is_partitioned(weight: torch.nn.Parameter) -> bool:
    return hasattr(weight, "ds_id") or hasattr(weight, "_hp_mapping")
