"""The ways to train that are compared: from LLaVA's to the project's, one saving at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from benchmarks.training.llava import StockTrainer, stock_llava, with_ldpv2
from benchmarks.training.process import local_rank
from benchmarks.training.setting import LLAVA_IMAGE_TOKENS, Setting, changed
from components.model import KoreanVlmConfig
from components.model.loading import load_model
from components.params.schema import Finetune
from components.training.engine import Engine, prepare
from components.training.flops import FlopRates, flop_rates
from components.training.packing import pack
from components.training.samples import MicroBatch, Samples
from components.training.state import begin
from components.training.trainable import add_lora

_STEPS = 1000
"""Of the schedule; no run gets as far."""


class Learner(Protocol):
    """Takes optimiser steps."""

    def learn(self, micro_batches: list[list[int]]) -> float:
        """One step over micro-batches of sample indices. Returns seconds, reading of samples included."""


@dataclass(frozen=True)
class Cost:
    """What a way computes in a step: positions of the language model, padding among them, and FLOPs."""

    positions: int
    tokens: int
    flops: float


@dataclass(frozen=True)
class Way:
    """A way to train."""

    name: str
    """What it does that the way before it does not."""
    samples: Samples
    learner: Learner
    rates: FlopRates
    is_packed: bool = False
    all_logits: bool = True
    """Whether logits are computed at every position, or only where there is a label."""

    def micro_batches(self, order: Sequence[int], params: Finetune) -> list[list[int]]:
        """Samples in a random order, cut into micro-batches or packed."""
        if self.is_packed:
            assert params.pack_length is not None
            packed = pack([self.samples.lengths[index] for index in order], params.pack_length)
            return [[order[place] for place in places] for places in packed]
        size = params.micro_batch
        return [list(order[first : first + size]) for first in range(0, len(order), size)]

    def cost(self, micro_batches: list[list[int]]) -> Cost:
        """Of a step; unlike model FLOPs, padding and logits that nothing is learnt from are counted."""
        batches = [self.samples.batch(indices) for indices in micro_batches]
        return Cost(
            positions=sum(batch.positions for batch in batches),
            tokens=sum(batch.tokens for batch in batches),
            flops=sum(self._flops(batch) for batch in batches),
        )

    def _flops(self, batch: MicroBatch) -> float:
        lengths = batch.lengths if self.is_packed else [max(batch.lengths)] * len(batch.lengths)
        return self.rates.of(lengths, batch.images, sum(lengths) if self.all_logits else batch.labelled).total


class Ours:
    """The project's model and engine."""

    def __init__(self, engine: Engine, samples: Samples, all_logits: bool = False) -> None:
        self._engine, self._samples, self._all_logits = engine, samples, all_logits

    def learn(self, micro_batches: list[list[int]]) -> float:
        """One optimiser step. Returns seconds, reading of samples included."""
        started = time.monotonic()
        batches = [self._samples.batch(indices) for indices in micro_batches]
        items = float(sum(batch.labelled for batch in batches))
        for batch in batches:
            self._engine.backward(self._labelled_everywhere(batch) if self._all_logits else batch.tensors, items)
        self._engine.step()
        return time.monotonic() - started

    def _labelled_everywhere(self, batch: MicroBatch) -> dict[str, Any]:
        """What the loss is does not matter here, only that it asks for logits at every position."""
        return batch.tensors | {"labels": batch.tensors["input_ids"]}


def make_ways(setting: Setting, params: Finetune, out: Path) -> list[Way]:
    """All ways of stage 2, LLaVA's first. They share the weights that are frozen. torch.distributed must be up.

    Args:
        setting: model and shards.
        params: the stage's, with the ``pack_length`` of the way that packs.
        out: a folder for the Trainer.
    """
    model, processor = load_model(setting.start, dtype=torch.bfloat16)
    config, pooled = model.config, model.config.image_seq_length
    padded = changed(params, pack_length=None)

    def read(image_tokens: int, section: Finetune) -> Samples:
        return Samples(setting.shards, "train", "chat", processor, setting.markup_for(image_tokens), section)

    patches, few, packed = read(LLAVA_IMAGE_TOKENS, padded), read(pooled, padded), read(pooled, params)
    llava = stock_llava(setting.start, model, LLAVA_IMAGE_TOKENS)
    pooling = with_ldpv2(stock_llava(setting.start, model, pooled), config)
    trainers = StockTrainer(llava, params, patches, out), StockTrainer(pooling, params, few, out)
    engine, rates, theirs = _engine(model, params), flop_rates(config, params.lora), _stock_rates(config, params)
    return [
        Way("LLaVA's way", patches, trainers[0], theirs["mlp2x_gelu"]),
        Way("+ 144 image tokens", few, trainers[1], theirs["ldpv2"]),
        Way("+ own model, engine", few, Ours(engine, few, all_logits=True), rates),
        Way("+ labelled logits only", few, Ours(engine, few), rates, all_logits=False),
        Way("+ packed", packed, Ours(engine, packed), rates, is_packed=True, all_logits=False),
    ]


def _stock_rates(config: KoreanVlmConfig, params: Finetune) -> dict[str, FlopRates]:
    """Of stock LLaVA with either connector. Its encoder runs to the last layer, whichever is read."""
    whole = config.to_dict() | {"vision_feature_layer": -1}
    mlp = whole | {"connector": "mlp2x_gelu", "image_tokens_per_side": config.patches_per_side}
    named = {"ldpv2": whole, "mlp2x_gelu": mlp}
    return {name: flop_rates(KoreanVlmConfig.from_dict(values), params.lora) for name, values in named.items()}


def _engine(model: Any, params: Finetune) -> Engine:
    """As a worker of stage 2 builds it. Packed attention takes padded batches, too."""
    with local_rank():
        engine = Engine(prepare(add_lora(model, params), params).train(), params, _STEPS)
    begin(engine, done=0)
    return engine
