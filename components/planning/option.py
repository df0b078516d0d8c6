"""``--plan`` of a training stage."""

from __future__ import annotations

from typing import Literal

from components.params.schema import Params
from components.stages.command import Instead


def plan_option(stage: Literal["pretrain", "finetune"]) -> Instead:
    """Has a stage say what it will take."""

    def show(params: Params) -> None:
        from components.planning.tables import show_plan

        show_plan(params, stage)

    return Instead("--plan", "say what this will take, and compute nothing", show)
