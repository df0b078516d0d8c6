"""A stage's plan as tables on the terminal: ``python -m components.pretrain --plan``."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from rich.console import Console
from rich.table import Table

from components.params.schema import Params
from components.planning.plan import StageName, StagePlan, make_plan
from components.stages.paths import BACKBONES, SHARDS

_GIB = 1024**3
_ZERO_STAGES = range(4)
_SAMPLES_AT_ONCE = (1, 2, 4, 8, 16)
_USABLE = 0.9
"""Share of a GPU's memory that a plan may fill: CUDA itself, communication buffers and fragmentation take the rest. A
rule of thumb."""


def show_plan(params: Params, stage: StageName) -> None:
    """Print what a stage will take, from the backbones and shards that lie where stages leave them."""
    plan = make_plan(params, stage, BACKBONES, SHARDS / stage)
    print_plan(Console(highlight=False), plan)


def print_plan(console: Console, plan: StagePlan) -> None:
    """Tables of a plan, with what they assume."""
    training = plan.training
    console.print(
        f"[bold]{plan.stage}[/] on {training.workers} x {plan.assumed.gpu}, {training.precision}, "
        f"ZeRO stage {training.zero_stage}: [bold]{plan.hours:,.2f} hours[/], "
        f"[bold]{plan.price:,.2f} {plan.assumed.currency}[/]"
    )
    tables = [_weights(plan), _data(plan), _states(plan), *(_memory(plan, again) for again in (False, True))]
    for table in [*tables, _flops(plan), _time(plan)]:
        console.print()
        console.print(table)
    console.print(
        "\nLabelled tokens are taken to be all that are no image tokens, which is the most that there can be."
    )
    if training.precision != "bf16":
        console.print(f"Precision is {training.precision}, but peaks are those of bf16: the hours are too few.")


def _table(title: str, *columns: str, caption: str | None = None) -> Table:
    """A table whose first column holds names, and all others figures."""
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left", show_header=any(columns))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def _weights(plan: StagePlan) -> Table:
    weights = plan.weights
    table = _table("Parameters", "part", "parameters", "trained")
    table.add_row("image encoder", f"{weights.image_encoder:,}", "0")
    table.add_row("connector", f"{weights.connector:,}", f"{weights.connector:,}")
    table.add_row("language model", f"{weights.language_model:,}", "0")
    if weights.lora:
        table.add_row("LoRA", f"{weights.lora:,}", f"{weights.lora:,}")
    share = weights.trained / weights.total
    table.add_row("total", f"{weights.total:,}", f"{weights.trained:,} ({share:.2%})", style="bold")
    return table


def _data(plan: StagePlan) -> Table:
    tokens, training = plan.contents.tokens, plan.training
    middle, high = np.percentile(tokens, [50, 95])
    padding = plan.contents.padding(training.micro_batch, plan.seed)
    table = _table("Data and steps", "", "")
    table.add_row("samples", f"{len(tokens):,}")
    table.add_row("images", f"{plan.contents.images.sum():,}")
    table.add_row("tokens", f"{tokens.sum():,}")
    table.add_row("tokens a sample: mean", f"{tokens.mean():,.0f}")
    table.add_row("half are at most", f"{middle:,.0f}")
    table.add_row("95 % are at most", f"{high:,.0f}")
    table.add_row("longest", f"{tokens.max():,}")
    table.add_row(f"steps ({training.batch} samples each; epochs: {training.epochs:g})", f"{plan.steps:,}")
    table.add_row("tokens a step, on average", f"{tokens.mean() * training.batch:,.0f}")
    table.add_row(f"padding, if {training.micro_batch} samples at random were padded to the longest", f"{padding:.1%}")
    table.add_row("padding, if samples are packed", "none")
    return table


def _states(plan: StagePlan) -> Table:
    table = _table("GiB a GPU beside activations", "ZeRO stage", "weights", "gradients", "optimiser", "together")
    for stage in _ZERO_STAGES:
        states = plan.states(stage)
        parts = (states.weights, states.gradients, states.optimiser, states.total)
        table.add_row(_marked(stage, plan.training.zero_stage), *(f"{part / _GIB:.2f}" for part in parts))
    return table


def _memory(plan: StagePlan, recompute: bool) -> Table:
    room = plan.gpu.memory * _GIB * _USABLE
    table = _table(
        f"GiB a GPU {'with' if recompute else 'without'} gradient checkpointing",
        "tokens at once",
        *(f"ZeRO {_marked(stage, plan.training.zero_stage)}" for stage in _ZERO_STAGES),
        caption=f"! does not fit (over {_USABLE:.0%} of {plan.gpu.memory} GiB)   * in params.yaml",
    )
    chosen = plan.most_at_once if recompute == plan.training.gradient_checkpointing else 0
    sizes = {samples * plan.training.max_length for samples in _SAMPLES_AT_ONCE}
    for tokens in sorted(sizes | {plan.most_at_once}):
        needs = [plan.memory(stage, tokens, recompute) for stage in _ZERO_STAGES]
        cells = [f"{need / _GIB:.1f}" if need <= room else f"[red]! {need / _GIB:.1f}[/]" for need in needs]
        table.add_row(_marked(tokens, chosen), *cells)
    return table


def _marked(number: int, chosen: int) -> str:
    return f"{number:,}*" if number == chosen else f"{number:,}"


def _flops(plan: StagePlan) -> Table:
    table = _table("Model FLOPs", "part", "TFLOPs a step", "EFLOPs in all", "share")
    flops = plan.flops
    for part, count in asdict(flops).items():
        if count:
            name = "LoRA" if part == "lora" else part.replace("_", " ")
            table.add_row(name, *_two_sizes(count, plan.steps), f"{count / flops.total:.1%}")
    table.add_row("total", *_two_sizes(flops.total, plan.steps), "", style="bold")
    return table


def _two_sizes(flops: float, steps: int) -> tuple[str, str]:
    """Of a step in units of 10^12, of all steps in units of 10^18."""
    return f"{flops / 1e12:,.3f}", f"{flops * steps / 1e18:,.3f}"


def _time(plan: StagePlan) -> Table:
    assumed, training = plan.assumed, plan.training
    table = _table("Time and price", "", "", caption="Utilisation and price are assumptions of params.yaml's plan.")
    table.add_row("GPU", f"{training.workers} x {assumed.gpu}")
    table.add_row("peak, TFLOPs a second", f"{plan.gpu.peak / 1e12:,.1f} each")
    table.add_row("utilisation (MFU)", f"{assumed.mfu:.0%}")
    table.add_row("seconds a step", f"{plan.hours * 3600 / plan.steps:,.2f}")
    table.add_row("hours, without start, validation and checkpoints", f"{plan.hours:,.2f}")
    table.add_row("GPU-hours", f"{plan.hours * training.workers:,.2f}")
    table.add_row(f"price, {assumed.currency}", f"{plan.price:,.2f}")
    return table
