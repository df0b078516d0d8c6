"""Stage 1: the connector learns captions.

Reads params.yaml (sections model and pretrain), artifacts/backbones and artifacts/ingest/shards/pretrain; writes
artifacts/pretrain/model and reports/pretrain. Goes on where a run was cut short. Computes on this machine, or on the
Ray cluster at RAY_ADDRESS.
"""

from __future__ import annotations

from components.params.schema import Params
from components.planning.option import plan_option
from components.stages.command import run_stage


def _run(params: Params) -> None:
    from components.pretrain.stage import run

    run(params)


if __name__ == "__main__":
    run_stage("components.pretrain", __doc__, _run, plan_option("pretrain"))
