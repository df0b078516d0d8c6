"""Loss on samples that training never sees."""

from __future__ import annotations

from components.params.schema import Training
from components.training.engine import Engine
from components.training.packing import pack
from components.training.samples import Samples

_SAMPLES = 128


def validate(engine: Engine, held_out: Samples, params: Training) -> float:
    """Mean loss over labelled tokens of the first samples held out. Every worker computes the same."""
    total, count = 0.0, 0
    for indices in _batches(held_out.lengths[:_SAMPLES], params):
        batch = held_out.batch(indices)
        total += engine.evaluate(batch.tensors)
        count += batch.labelled
    return total / count


def _batches(lengths: list[int], params: Training) -> list[list[int]]:
    if params.pack_length is not None:
        return pack(lengths, params.pack_length)
    size = params.micro_batch
    return [list(range(first, min(first + size, len(lengths)))) for first in range(0, len(lengths), size)]
