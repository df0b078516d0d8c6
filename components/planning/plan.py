"""What a training stage will take, known before it starts: weights, steps, memory, FLOPs, hours and their price."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from components.model.configuration import KoreanVlmConfig
from components.params.schema import Finetune, Lora, Params, Plan, Pretrain
from components.planning.contents import Contents, read_contents
from components.planning.memory import States, Workload, activation_bytes, state_bytes
from components.planning.weights import Weights, count_weights, read_config
from components.training.accelerators import ACCELERATORS, Accelerator
from components.training.batches import BatchPlan
from components.training.flops import Flops, flop_rates

StageName = Literal["pretrain", "finetune"]


@dataclass(frozen=True)
class StagePlan:
    """A training stage's parameters, model and data, and what follows from them."""

    stage: StageName
    training: Pretrain | Finetune
    assumed: Plan
    config: KoreanVlmConfig
    weights: Weights
    contents: Contents
    steps: int
    """Of the whole run; samples that do not fill a batch are left out."""
    seed: int

    @property
    def lora(self) -> Lora | None:
        """LoRA's settings, where the stage has it."""
        return self.training.lora if isinstance(self.training, Finetune) else None

    @property
    def gpu(self) -> Accelerator:
        """What each worker is assumed to have."""
        return ACCELERATORS[self.assumed.gpu]

    @property
    def bytes_a_value(self) -> int:
        """Of frozen weights and of activations."""
        return 2 if self.training.precision == "bf16" else 4

    @property
    def most_at_once(self) -> int:
        """Tokens that a GPU computes at once, at most, with the stage's parameters."""
        return self.training.pack_length or self.training.micro_batch * self.training.max_length

    @property
    def labelled(self) -> int:
        """Tokens that carry loss, in one epoch: at most all that are not image tokens."""
        return int(self.contents.tokens.sum() - self.contents.images.sum() * self.config.image_seq_length)

    @property
    def flops(self) -> Flops:
        """Model FLOPs of a step, on average."""
        tokens, images = self.contents.tokens, int(self.contents.images.sum())
        epoch = flop_rates(self.config, self.lora).of(tokens, images, self.labelled)
        return epoch.times(self.training.batch / len(tokens))

    @property
    def hours(self) -> float:
        """Of all GPUs at work together, at the assumed utilisation; without start, validation and checkpoints."""
        speed = self.training.workers * self.gpu.peak * self.assumed.mfu
        return self.flops.total * self.steps / speed / 3600

    @property
    def price(self) -> float:
        """Of these hours, in the assumed currency."""
        return self.hours * self.training.workers * self.assumed.price_per_gpu_hour

    def memory(self, zero_stage: int, tokens: int, recompute: bool) -> float:
        """Bytes that a GPU needs at most for ``tokens`` tokens at once, with images and labels as in the data."""
        whole = self.contents.tokens.sum()
        images, labelled = self.contents.images.sum() / whole, self.labelled / whole
        work = Workload(tokens, tokens * images, tokens * labelled)
        activations = activation_bytes(self.config, self.lora, work, self.bytes_a_value, recompute)
        return self.states(zero_stage).total + activations

    def states(self, zero_stage: int) -> States:
        """What each GPU holds, however much it computes at once."""
        weights, workers = self.weights, self.training.workers
        frozen = weights.total - weights.trained
        return state_bytes(frozen, weights.trained, zero_stage, workers, self.bytes_a_value)


def make_plan(params: Params, stage: StageName, backbones: Path, shards: Path) -> StagePlan:
    """Read no weights and no samples, only the backbones' configurations and the shards' lengths.

    Raises:
        NoBackbones, NoShards: naming the stage that writes them.
        TooFewSamples: if there are fewer than one batch.
    """
    training = params.pretrain if stage == "pretrain" else params.finetune
    config = read_config(backbones, params.model)
    contents = read_contents(shards, params.seed)
    steps = BatchPlan(contents.tokens.tolist(), training, params.seed).steps
    weights = count_weights(config, training)
    return StagePlan(stage, training, params.plan, config, weights, contents, steps, params.seed)
