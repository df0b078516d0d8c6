"""The DeepSpeed engine: configuration, optimiser and schedule from params.yaml."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from components.params.schema import Training
from components.training.attention import use_packed_attention
from components.training.trainable import optimizer_groups


class Learner(nn.Module):
    """A model as the engine sees it: a batch in, its loss out, under autocast where bf16 is asked for.

    What is frozen is kept in bf16 and what learns in fp32, so that gradients add up in fp32 and the weights that learn
    are their own master copies, whatever the ZeRO stage.
    """

    def __init__(self, model: nn.Module, params: Training) -> None:
        super().__init__()
        self.model = model
        self._is_bf16 = params.precision == "bf16"
        if self._is_bf16:
            for parameter in model.parameters():
                parameter.data = parameter.data.to(torch.float32 if parameter.requires_grad else torch.bfloat16)

    def forward(self, **batch: Any) -> torch.Tensor:
        """The sum of the loss over labelled tokens, divided by ``num_items_in_batch``."""
        device = batch["input_ids"].device.type
        with torch.autocast(device, torch.bfloat16, enabled=self._is_bf16):
            return self.model(**batch).loss


def prepare(model: Any, params: Training) -> Learner:
    """The model as it is trained: checkpointing of activations and attention as asked for.

    Args:
        model: of which only what is to be learnt requires gradients; with LoRA, the PEFT model.
        params: the stage's section of params.yaml.
    """
    language_model = model.get_submodule(_language_model(model))
    if params.gradient_checkpointing:
        # Of the language model alone: the image encoder keeps nothing, as nothing of it learns. The re-entrant kind
        # gives no gradients where a layer's inputs need none, as below a frozen base.
        language_model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    if params.pack_length is not None:
        use_packed_attention(language_model)
    return Learner(model, params)


def _language_model(model: nn.Module) -> str:
    return next(name for name, _ in model.named_modules() if name.endswith("language_model"))


def deepspeed_config(params: Training, learnt: int) -> dict[str, Any]:
    """DeepSpeed's configuration for a model of which ``learnt`` weights learn.

    The optimiser is passed in, since one named here is compiled first (48 s on a CPU). A step's micro-batches differ
    in number, so accumulation is not DeepSpeed's to count: a call of ``step`` ends it.
    """
    return {
        "train_batch_size": params.workers,
        "train_micro_batch_size_per_gpu": 1,
        "managed_gradient_accumulation": False,
        # Without ZeRO, DeepSpeed does not tell the norm: `Engine._clip_all` clips then.
        "gradient_clipping": params.clip if params.zero_stage else 0.0,
        # A bucket is allocated whole; by default it has room for 500 million gradients.
        "zero_optimization": {"stage": params.zero_stage, "overlap_comm": False, "reduce_bucket_size": learnt},
        "zero_force_ds_cpu_optimizer": False,
        "zero_allow_untested_optimizer": True,
        "steps_per_print": 10**9,
        "wall_clock_breakdown": False,
    }


class Engine:
    """DeepSpeed around a learner: gradients of micro-batches add up until ``step``."""

    def __init__(self, learner: Learner, params: Training, steps: int) -> None:
        import deepspeed

        # DeepSpeed compiles a shared-memory operator when it starts, even on a CPU that never uses it.
        deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
        optimizer = torch.optim.AdamW(optimizer_groups(learner, params), weight_decay=params.weight_decay)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: cosine(step, steps, params.warmup))
        self._clip, self._norm = params.clip, 0.0
        if not params.zero_stage:
            optimizer.register_step_pre_hook(self._clip_all)
        self.deepspeed, *_ = deepspeed.initialize(
            model=learner,
            optimizer=optimizer,
            lr_scheduler=self.schedule,
            config=deepspeed_config(params, sum(p.numel() for p in learner.parameters() if p.requires_grad)),
            dist_init_required=False,
        )
        self.optimizer = optimizer

    @property
    def device(self) -> torch.device:
        """Where batches go."""
        return self.deepspeed.device

    def backward(self, batch: dict[str, Any], items: float) -> torch.Tensor:
        """Add a micro-batch's gradients. Returns its loss, (): the sum over labelled tokens divided by ``items``."""
        loss = self.deepspeed(**self._moved(batch), num_items_in_batch=items)
        self.deepspeed.backward(loss)
        return loss.detach()

    def step(self) -> None:
        """Average gradients over workers, clip, and learn."""
        self.deepspeed.step()

    @torch.no_grad()
    def evaluate(self, batch: dict[str, Any]) -> float:
        """The sum of the loss over labelled tokens."""
        self.deepspeed.eval()
        loss = float(self.deepspeed(**self._moved(batch), num_items_in_batch=1.0))
        self.deepspeed.train()
        return loss

    @property
    def gradient_norm(self) -> float:
        """Of the last step, before clipping."""
        return self._norm or float(self.deepspeed.get_global_grad_norm() or 0.0)

    @property
    def learning_rates(self) -> list[float]:
        """Of the connector and, where it learns, of LoRA, at the last step."""
        return [float(rate) for rate in self.deepspeed.get_lr()]

    def _moved(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value.to(self.device, non_blocking=True) if isinstance(value, torch.Tensor) else value
            for name, value in batch.items()
        }

    def _clip_all(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        learnt = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        self._norm = float(nn.utils.clip_grad_norm_(learnt, self._clip))


def cosine(step: int, steps: int, warmup: float) -> float:
    """Share of the peak learning rate at a step: linear warm-up, then half a cosine down to nothing."""
    rising = max(1, math.ceil(steps * warmup))
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))
