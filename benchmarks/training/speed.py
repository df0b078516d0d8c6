"""Training's speed beside LLaVA's way, and the share of each saving: ``python -m benchmarks.training.speed``.

Stage 2 (connector and LoRA) on the CPU in bf16. The ways take turns in one process, on the same samples and with the
same frozen weights, so that what disturbs one disturbs all. A row of the table does all that the rows above it do.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import torch
import transformers
from rich.console import Console
from rich.table import Table

from benchmarks.training import theory
from benchmarks.training.mix import draw, typical
from benchmarks.training.process import alone
from benchmarks.training.setting import SIZES, Size, changed, longest_text, make_setting, recipe, stand_ins
from benchmarks.training.ways import Cost, Way, make_ways
from components.params.schema import Finetune
from components.stages.paths import SCRATCH

_PACK_LENGTH = 2048
_WIDTH = 120
_DRAWN = 32_000
"""Samples of the mix from which FLOPs are counted."""


@dataclass(frozen=True)
class Step:
    """What is learnt at once. LLaVA's way keeps about 5 MB a token of a micro-batch at full size."""

    samples: int
    micro_batch: int


@dataclass(frozen=True)
class Turn:
    """A way's turn in a round: one optimiser step."""

    seconds: float
    cost: Cost


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full", help="of the backbones (default: full)")
    parser.add_argument("--rounds", type=int, default=3, help="after a short one to warm up (default: 3)")
    parser.add_argument("--samples", type=int, default=8, help="of a step; more of them hold longer ones (default: 8)")
    parser.add_argument("--micro-batch", type=int, default=2, help="of the ways that pad (default: 2)")
    parser.add_argument("--backbones", type=Path, help="folder with others; else random ones are made in scratch/")
    arguments = parser.parse_args()
    step = Step(arguments.samples, arguments.micro_batch)
    compare(arguments.size, arguments.backbones, arguments.rounds, step, Console(highlight=False, width=_WIDTH))


def compare(size: Size, backbones: Path | None, rounds: int, step: Step, console: Console) -> None:
    """Measure all ways and print the table."""
    logging.disable(logging.WARNING)
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(os.cpu_count() or 1)
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder, alone("cpu"):
        whole = recipe(Path(folder))
        lengths = typical(step.samples, longest_text(whole), whole.seed)
        setting = make_setting(Path(folder), whole, backbones or stand_ins(size, whole.seed), lengths)
        params = changed(
            whole.finetune,
            device="cpu",
            workers=1,
            batch=step.samples,
            micro_batch=step.micro_batch,
            pack_length=_PACK_LENGTH,
        )
        ways = make_ways(setting, params, Path(folder) / "trainer")
        for way in ways:
            way.learner.learn(way.micro_batches(range(1), params))
        turns = [take_turns(ways, params, number) for number in range(1, rounds + 1)]
        many = draw(_DRAWN, longest_text(whole), whole.seed)
        console.print(table(ways, turns, step.samples))
        console.print(theory.table(many, ways[0].rates, ways[-1].rates, whole.model.image_tokens_per_side**2))


def take_turns(ways: Sequence[Way], params: Finetune, number: int) -> list[Turn]:
    """A round: each way learns from all samples, in an order and in micro-batches that are the round's own."""
    order = random.Random(number).sample(range(params.batch), params.batch)
    turns = []
    for way in ways:
        micro_batches = way.micro_batches(order, params)
        turns.append(Turn(way.learner.learn(micro_batches), way.cost(micro_batches)))
        print(f"round {number}: {way.name}: {turns[-1].seconds:.1f} s", file=sys.stderr, flush=True)
    return turns


def table(ways: Sequence[Way], rounds: Sequence[Sequence[Turn]], samples: int) -> Table:
    """Medians over rounds of each way's speed relative to the first and to the one above it, beside those of FLOPs."""
    result = Table(title=f"Stage 2, {samples} samples a step, medians of {len(rounds)} rounds", title_justify="left")
    columns = "way|samples/s|x first|x above|FLOPs x first|FLOPs x above|tokens a sample|padding"
    for number, column in enumerate(columns.split("|")):
        result.add_column(column, justify="right" if number else "left")
    for place, way in enumerate(ways):
        turns = [turns[place] for turns in rounds]
        first, above = ([turns[other] for turns in rounds] for other in (0, max(0, place - 1)))
        result.add_row(
            way.name,
            f"{samples / median(turn.seconds for turn in turns):.3g}",
            *(f"{_ratio(others, turns):.2f}" for others in (first, above)),
            *(f"{_flop_ratio(others, turns):.2f}" for others in (first, above)),
            f"{mean(turn.cost.positions for turn in turns) / samples:.0f}",
            f"{1 - sum(turn.cost.tokens for turn in turns) / sum(turn.cost.positions for turn in turns):.0%}",
        )
    return result


def _ratio(others: Sequence[Turn], turns: Sequence[Turn]) -> float:
    return median(other.seconds / turn.seconds for other, turn in zip(others, turns, strict=True))


def _flop_ratio(others: Sequence[Turn], turns: Sequence[Turn]) -> float:
    return mean(other.cost.flops for other in others) / mean(turn.cost.flops for turn in turns)


if __name__ == "__main__":
    main()
