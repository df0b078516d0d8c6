"""The DeepSpeed engine: configuration, optimiser and schedule from params.yaml."""

from __future__ import annotations

import math
from typing import Any

import torch

from components.params.schema import Training
from components.training.trainable import optimizer_groups


def deepspeed_config(params: Training, workers: int) -> dict[str, Any]:
    """DeepSpeed's configuration; the optimiser is passed in, since one named here is compiled first (48 s on a CPU)."""
    return {
        "train_batch_size": params.batch,
        "train_micro_batch_size_per_gpu": params.micro_batch,
        "gradient_accumulation_steps": params.batch // (params.micro_batch * workers),
        "gradient_clipping": params.clip,
        "bf16": {"enabled": params.precision == "bf16"},
        "zero_optimization": {"stage": params.zero_stage, "stage3_gather_16bit_weights_on_model_save": True},
        "zero_force_ds_cpu_optimizer": False,
        "zero_allow_untested_optimizer": True,
        "steps_per_print": 10**9,
        "wall_clock_breakdown": False,
    }


def build_engine(model: torch.nn.Module, params: Training, steps: int, workers: int) -> Any:
    """The engine around a model of which only what is to be learnt requires gradients."""
    import deepspeed

    # DeepSpeed compiles a shared-memory operator when it starts, even on a CPU that never uses it.
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    groups = optimizer_groups(model, params)
    optimizer = torch.optim.AdamW(groups, weight_decay=params.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: cosine(step, steps, params.warmup))
    engine, *_ = deepspeed.initialize(
        model=model,
        optimizer=optimizer,
        lr_scheduler=schedule,
        config=deepspeed_config(params, workers),
        dist_init_required=False,
    )
    return engine


def cosine(step: int, steps: int, warmup: float) -> float:
    """Share of the peak learning rate at a step: linear warm-up, then half a cosine down to nothing."""
    rising = max(1, math.ceil(steps * warmup))
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))
