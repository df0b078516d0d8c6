"""Stage 2: the connector and LoRA learn instructions.

Reads params.yaml (sections model and finetune), artifacts/pretrain/model and artifacts/ingest/shards/finetune; writes
artifacts/finetune and reports/finetune. Goes on where a run was cut short. Computes on this machine, or on the Ray
cluster at RAY_ADDRESS.
"""

from __future__ import annotations

from components.params.schema import Params
from components.planning.option import plan_option
from components.stages.command import run_stage


def _run(params: Params) -> None:
    from components.finetune.stage import run

    run(params)


if __name__ == "__main__":
    run_stage("components.finetune", __doc__, _run, plan_option("finetune"))
